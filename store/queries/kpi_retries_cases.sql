-- The cases that started in the window, retried or not.
SELECT
    roundDown(toUnixTimestamp64Nano(Start), {edges:Array(Int64)}) AS Bucket,
    multiIf({grouping:String} = 'dimension', Dims[{dimension:String}], {grouping:String} = 'outcome', Outcome, '') AS GroupValue,
    count() AS Cases,
    countIf(Retries > 0) AS Retried,
    countIf(End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS InFlight,
    minIf(toUnixTimestamp64Nano(Start), End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS Oldest
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
GROUP BY Bucket, GroupValue
LIMIT {limit:UInt32}
