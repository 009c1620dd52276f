-- Cases that ended in the window by band: touched; no touch but an event by an unknown actor; touchless.
-- edges are the bucket starts and the window's end, in nanoseconds. until is never after the window's end.
SELECT
    roundDown(toUnixTimestamp64Nano(assumeNotNull(End)), {edges:Array(Int64)}) AS Bucket,
    if({grouping:String} = 'dimension', Dims[{dimension:String}], '') AS GroupValue,
    Outcome,
    countIf(Touches > 0) AS Touched,
    countIf(Touches = 0 AND UnknownEvents > 0) AS Unknown,
    countIf(Touches = 0 AND UnknownEvents = 0) AS Touchless
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
GROUP BY Bucket, GroupValue, Outcome
LIMIT {limit:UInt32}
