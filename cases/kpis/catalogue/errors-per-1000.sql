-- Errors of the cases that started in the window. Attempts are in millionths: one shared by n cases counts 1/n in each.
-- @from
started
-- @columns
FailedBusiness > 0 AS business,
FailedInfrastructure > 0 AS infrastructure,
FailedUnclassified > 0 AS unclassified,
business OR infrastructure OR unclassified AS error,
arraySum(StepTotals.AttemptShare) AS attempts,
arraySum(StepTotals.FailedBusinessShare) AS failed_business,
arraySum(StepTotals.FailedInfrastructureShare) AS failed_infrastructure,
arraySum(StepTotals.FailedUnclassifiedShare) AS failed_unclassified,
failed_business + failed_infrastructure + failed_unclassified AS failed
