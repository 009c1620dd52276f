-- Errors and retries of the cases that started in the window, those without any included. Attempts are in millionths: one
-- shared by n cases counts 1/n in each.
SELECT
    roundDown(toUnixTimestamp64Nano(Start), {edges:Array(Int64)}) AS Bucket,
    multiIf({grouping:String} = 'dimension', Dims[{dimension:String}], {grouping:String} = 'outcome', Outcome, '') AS GroupValue,
    count() AS Cases,
    countIf(End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS InFlight,
    minIf(toUnixTimestamp64Nano(Start), End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS Oldest,
    countIf(Retries > 0) AS Retried,
    countIf(FailedBusiness > 0 OR FailedInfrastructure > 0 OR FailedUnclassified > 0) AS CasesAny,
    countIf(FailedBusiness > 0) AS CasesBusiness,
    countIf(FailedInfrastructure > 0) AS CasesInfrastructure,
    countIf(FailedUnclassified > 0) AS CasesUnclassified,
    sum(arraySum(StepTotals.AttemptShare)) AS Attempts,
    sum(arraySum(StepTotals.FailedBusinessShare)) AS FailedBusinessAttempts,
    sum(arraySum(StepTotals.FailedInfrastructureShare)) AS FailedInfrastructureAttempts,
    sum(arraySum(StepTotals.FailedUnclassifiedShare)) AS FailedUnclassifiedAttempts
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
GROUP BY Bucket, GroupValue
LIMIT {limit:UInt32}
