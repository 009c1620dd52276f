-- A page of the cases behind a figure, newest start first. Conditions come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
/* conditions */
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32}
