-- group_by=: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
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
