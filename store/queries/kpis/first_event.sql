-- When the first of the cases began that started or ended in the window or after. Earlier versions of a case are read along: they
-- can only say an earlier start.
SELECT min(toUnixTimestamp64Nano(Start)) AS First, count() AS Cases
FROM cases
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND (Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') OR End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC'))
