-- Cases that started in the window, each in the bucket of its start.
-- @from
cases FINAL
-- @columns
CaseId,
Dims,
Outcome,
toUnixTimestamp64Nano(Start) AS Began,
Began AS At,
roundDown(At, {edges:Array(Int64)}) AS Bucket,
End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen
-- @where
Tenant = {tenant:String} AND Flow = {flow:String}
AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
