-- The steps that belong to a case without naming it: they may belong to others as well. As in trail_steps.sql.
SELECT DISTINCT TraceId, SpanId, Flow, State, Refs
FROM steps
WHERE Tenant = {tenant:String}
    AND (KeyValue, KeyType) IN {keys:Array(Tuple(String, String))}
    AND CaseId = '' AND Flow IN ('', {flow:String})
ORDER BY TraceId, SpanId
LIMIT {limit:UInt32}
