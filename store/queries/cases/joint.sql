-- Which steps belong to a case without naming it, so that they may belong to others as well? As in trail/steps.sql.
SELECT TraceId, SpanId, Flow, State, Refs
FROM steps
PREWHERE Tenant = {tenant:String} AND (KeyValue, KeyType) IN {keys:Array(Tuple(String, String))}
WHERE CaseId = '' AND Flow IN ('', {flow:String})
LIMIT {limit:UInt32}
