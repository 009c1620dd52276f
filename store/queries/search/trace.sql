-- What the steps of a trace say about their case. Flow and ids are read off the spans as 0002_steps.sql reads them.
-- The trace may lie in any day's part. The inner query finds the days by two columns of the key; only their parts are opened
-- for the attributes, which are what costs.
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value
SELECT DISTINCT
    if(SpanAttributes['flow.name'] = '' AND CaseId != '', 'unnamed', SpanAttributes['flow.name']) AS Flow,
    SpanAttributes['flow.case.id'] AS CaseId,
    arrayFlatten(arrayMap(
        (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (x, substring(k, 10)), each_value(v)), []),
        mapKeys(SpanAttributes), mapValues(SpanAttributes))) AS Keys
FROM otel_traces
PREWHERE Tenant = {tenant:String} AND TraceId = {trace_id:String}
WHERE mapContains(SpanAttributes, 'flow.step')
    AND _partition_id IN (
        SELECT _partition_id FROM otel_traces WHERE Tenant = {tenant:String} AND TraceId = {trace_id:String})
LIMIT {limit:UInt32}
