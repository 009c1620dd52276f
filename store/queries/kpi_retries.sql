-- Retries by step and system in the cases that started in the window, in millionths: a retry shared by n cases counts 1/n in
-- each. A case has several rows for one step and system where kinds or currencies differ; a retry is wasted when none of
-- them succeeded. Costs come per currency and are never added across.
SELECT
    Bucket,
    GroupValue,
    Place.1 AS Step,
    if({grouping:String} = 'step', '', Place.2) AS System,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    sum(Share) AS Retries,
    sumIf(Share, NOT has(Succeeded, Place)) AS Wasted,
    sumMap([Currency], [RetryCost]) AS Costs
FROM
(
    SELECT
        CaseId,
        roundDown(toUnixTimestamp64Nano(Start), {edges:Array(Int64)}) AS Bucket,
        multiIf({grouping:String} = 'dimension', Dims[{dimension:String}], {grouping:String} = 'outcome', Outcome, '') AS GroupValue,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        arrayZip(StepTotals.Step, StepTotals.System) AS Places,
        arrayFilter((place, ok) -> ok, Places, StepTotals.Succeeded) AS Succeeded,
        StepTotals.RetryShare AS Shares,
        StepTotals.CostCurrency AS Currencies,
        StepTotals.RetryCost AS RetryCosts
    FROM cases FINAL
    WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Retries > 0
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
ARRAY JOIN Places AS Place, Shares AS Share, Currencies AS Currency, RetryCosts AS RetryCost
WHERE Share > 0
GROUP BY Bucket, GroupValue, Step, System
LIMIT {limit:UInt32}
