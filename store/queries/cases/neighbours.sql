-- Some cases whose ids begin alike, to suggest when one is not there.
SELECT DISTINCT CaseId
FROM cases
WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND startsWith(CaseId, {stem:String})
LIMIT 200
