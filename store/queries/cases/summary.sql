-- What does the fold know of one case? Every version that is not merged away yet, as in cases/briefs.sql.
SELECT
    Version, Flow, FlowVersion, CaseId, Start, End, Outcome, Dims, Value, ValueCurrency,
    Events, UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retries,
    SharedEvents, Systems,
    Success, DueAt, Repeats, Rejections, Corrections, Compensations, Exceptions, Approvals, Duplicates,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    StepTotals.CostCurrency AS CostCurrencies, StepTotals.Cost AS Costs, StepTotals.RetryCost AS RetryCosts
FROM cases
PREWHERE Tenant = {tenant:String} AND Flow = {flow:String} AND CaseId = {case_id:String}
