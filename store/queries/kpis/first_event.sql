-- When did the first of the cases begin that started or ended in the window or later? Older versions of a case are read as well, so the
-- answer may be too early, never too late.
SELECT min(toUnixTimestamp64Nano(Start)) AS First, count() AS Cases
FROM cases
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND (Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') OR End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC'))
