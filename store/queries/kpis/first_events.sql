-- When did the first case of each group begin?
SELECT
    if({grouping:String} = 'dimension', Dims[{dimension:String}], '') AS Own,
    min(toUnixTimestamp64Nano(Start)) AS First
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
GROUP BY Own
LIMIT {limit:UInt32}
