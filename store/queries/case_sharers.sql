-- The cases that reach these ids; of each id at most so many.
SELECT DISTINCT IdType, IdValue, Flow, CaseId
FROM reach
WHERE Tenant = {tenant:String} AND (IdValue, IdType) IN {keys:Array(Tuple(String, String))}
ORDER BY IdType, IdValue, Flow, CaseId
LIMIT {limit:UInt32} BY IdType, IdValue
