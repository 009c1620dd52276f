-- Cases by (flow, case id), with the columns that fit in one line.
-- FINAL is cheap here: the keys select granules first.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps
FROM cases FINAL
WHERE Tenant = {tenant:String} AND (Flow, CaseId) IN {keys:Array(Tuple(String, String))}
