-- Which ids lead to a hub? Some of them.
SELECT SourceType, SourceValue
FROM links_by_target
WHERE Tenant = {tenant:String} AND TargetValue = {value:String} AND TargetType = {type:String} AND Flow = {flow:String}
LIMIT {limit:UInt32}
