-- Cases that ended in the window, each in the bucket of its end. {until} is never after {as_of}.
-- @from
cases FINAL
-- @columns
CaseId,
Dims,
Outcome,
toUnixTimestamp64Nano(Start) AS Began,
toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
roundDown(At, {edges:Array(Int64)}) AS Bucket,
false AS IsOpen
-- @where
Tenant = {tenant:String} AND Flow = {flow:String}
AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
