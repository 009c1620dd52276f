-- group_by=: 1 of 1 statements are new.
-- Figures of KPIs whose rows are cases, each in one bucket: what adds up over buckets and groups is added up by the caller.
-- edges are the bucket starts and the window's end, in nanoseconds; until is never after the window's end. The rows are those of
-- cases/kpis/catalogue.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(unnamed) AS automated_events__count_unnamed,
    sum(service_events) AS automated_events__sum_service_events,
    sum(events) AS automated_events__sum_events,
    sum(human_events) AS automated_events__sum_human_events,
    sum(other_events) AS automated_events__sum_other_events,
    sum(unknown_events) AS automated_events__sum_unknown_events
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        Began AS At,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        UnknownEvents > 0 AS unnamed,
        ServiceEvents AS service_events,
        HumanEvents AS human_events,
        UnknownEvents AS unknown_events,
        Events - ServiceEvents - HumanEvents - UnknownEvents AS other_events,
        Events AS events
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
GROUP BY Bucket, Own
LIMIT {limit:UInt32};
