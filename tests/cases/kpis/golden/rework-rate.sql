-- group_by=: 2 of 2 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(reworked) AS rework_rate__count_reworked,
    sum(repeats) AS rework_rate__sum_repeats
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        false AS IsOpen,
        Repeats > 0 AS reworked,
        Repeats AS repeats
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
GROUP BY Bucket, Own
LIMIT {limit:UInt32};

-- How does the number of cases in flight change from bucket to bucket? +1 where a case starts, -1 where it ends.
-- Cases that are open before the window count in its first bucket. Those still open at {until} count as closed at the end of the window,
-- where Oldest is the start of the oldest of them.
SELECT
    Bucket,
    GroupValue,
    sum(Change) AS Changes,
    min(Began) AS Oldest
FROM
(
    SELECT
        toUnixTimestamp64Nano(Start) AS Began,
        roundDown(greatest(Began, {since:Int64}), {edges:Array(Int64)}) AS Opens,
        if(End IS NULL OR End >= fromUnixTimestamp64Nano({until:Int64}, 'UTC'),
            {edges:Array(Int64)}[-1],
            roundDown(toUnixTimestamp64Nano(assumeNotNull(End)), {edges:Array(Int64)})) AS Closes,
        if({grouping:String} = 'dimension', Dims[{dimension:String}], '') AS GroupValue
    FROM cases FINAL
    WHERE Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        AND (End IS NULL OR End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC'))
)
ARRAY JOIN [Opens, Closes] AS Bucket, [1, -1] AS Change
GROUP BY Bucket, GroupValue
LIMIT {limit:UInt32};
