-- Cases that had begun when the window ends: whatever happened in the window happened in one of these. The KPI defines At.
-- @from
cases FINAL
-- @columns
CaseId,
Dims,
Outcome,
toUnixTimestamp64Nano(Start) AS Began,
roundDown(At, {edges:Array(Int64)}) AS Bucket,
End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen
-- @where
Tenant = {tenant:String} AND Flow = {flow:String}
AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
