-- Which hubs have one of these values? No case reaches them.
SELECT DISTINCT IdType, IdValue, Flow
FROM hubs
WHERE Tenant = {tenant:String} AND IdValue IN {values:Array(String)}
LIMIT {limit:UInt32}
