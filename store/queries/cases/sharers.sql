-- Which cases reach these ids? At most so many for each id, some perhaps twice until rows are merged.
SELECT IdType, IdValue, Flow, CaseId
FROM reach
PREWHERE Tenant = {tenant:String} AND (IdValue, IdType) IN {keys:Array(Tuple(String, String))}
LIMIT {limit:UInt32} BY IdType, IdValue
