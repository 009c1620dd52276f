-- Which cases have ids that begin alike? To suggest some where a case does not exist.
SELECT DISTINCT CaseId
FROM cases
WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND startsWith(CaseId, {stem:String})
LIMIT 200
