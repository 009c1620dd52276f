-- What does a list row of these cases hold, by (flow, case id)? Every version that is not merged away yet: the caller takes the last.
-- FINAL would read all columns before it knows which rows are asked for.
SELECT
    Version, Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen
FROM cases
PREWHERE Tenant = {tenant:String} AND (Flow, CaseId) IN {keys:Array(Tuple(String, String))}
