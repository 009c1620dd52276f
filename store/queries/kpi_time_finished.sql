-- Plain percentiles of the cases that ended in the window. quantileExact takes the value at rank floor(q * n) + 1.
-- Level 0: bucket and group, 1: group, 2: everything.
SELECT
    Level,
    if(Level = 0, EndBucket, 0) AS Bucket,
    if(Level = 2, '', Own) AS GroupValue,
    count() AS Finished,
    quantilesExact(0.5, 0.9)(Duration) AS Times
FROM
(
    SELECT
        toUnixTimestamp64Nano(assumeNotNull(End)) AS Ended,
        roundDown(Ended, {edges:Array(Int64)}) AS EndBucket,
        greatest(Ended - toUnixTimestamp64Nano(Start), 0) AS Duration,
        if({grouping:String} = 'dimension', Dims[{dimension:String}], '') AS Own
    FROM cases FINAL
    WHERE Tenant = {tenant:String} AND Flow = {flow:String}
        AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, GroupValue
LIMIT {limit:UInt32}
