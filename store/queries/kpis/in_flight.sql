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
LIMIT {limit:UInt32}
