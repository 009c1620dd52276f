-- Which ids does a case reach? They are the keys under which its steps are found, its own id first. No row: there is no such case.
SELECT DISTINCT IdValue, IdType
FROM reach_by_case
WHERE Tenant = {tenant:String} AND CaseId = {case_id:String} AND Flow = {flow:String}
ORDER BY IdType != 'case', IdType, IdValue
LIMIT {limit:UInt32}
