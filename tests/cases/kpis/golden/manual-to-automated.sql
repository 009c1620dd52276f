-- group_by=: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    Dims[{route:String}] AS Split0,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(moved) AS manual_to_automated__count_moved,
    countIf(automated) AS manual_to_automated__count_automated,
    countIf(manual) AS manual_to_automated__count_manual,
    countIf(unrouted) AS manual_to_automated__count_unrouted,
    countIf(routed) AS manual_to_automated__count_routed
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
        has({automated_routes:Array(String)}, Dims[{route:String}]) AS automated,
        has({manual_routes:Array(String)}, Dims[{route:String}]) AS manual,
        NOT automated AND NOT manual AS unrouted,
        NOT unrouted AS routed,
        automated AND (Bucket, arrayMap(name -> Dims[name], {cohort:Array(String)})) IN
        (
            SELECT
                arrayJoin(arrayFilter((bucket, begin, end) -> Began >= begin AND Began < end,
                    {starts:Array(Int64)}, {compared_from:Array(Int64)}, {compared_to:Array(Int64)})) AS compared,
                arrayMap(name -> Dims[name], {cohort:Array(String)}) AS same
            FROM
            (
                SELECT toUnixTimestamp64Nano(Start) AS Began, Dims
                FROM cases FINAL
                WHERE Tenant = {tenant:String} AND Flow = {flow:String}
                    AND Start >= fromUnixTimestamp64Nano(arrayMin({compared_from:Array(Int64)}), 'UTC')
                    AND Start < fromUnixTimestamp64Nano(arrayMax({compared_to:Array(Int64)}), 'UTC')
                    AND Start < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')
            )
            GROUP BY compared, same
            HAVING countIf(has({manual_routes:Array(String)}, Dims[{route:String}]))
                > countIf(has({automated_routes:Array(String)}, Dims[{route:String}]))
        ) AS moved
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
GROUP BY Bucket, Own, Split0
LIMIT {limit:UInt32};
