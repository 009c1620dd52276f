-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            @rows
        )
        WHERE true
            @conditions
    )
    @page
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32}
