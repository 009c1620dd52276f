-- What do the steps of a trace say about their case: its id, or else the ids by which a case may reach the step?
-- The trace may be in the part of any day. The inner query finds the days by two columns of the key; only their parts are opened for the
-- attributes, which are the expensive column.
WITH
@include(0013_refs)
SELECT DISTINCT
    flow_of(SpanAttributes) AS Flow,
    SpanAttributes['flow.case.id'] AS CaseId,
    arrayMap(ref -> (ref.Value, ref.Type), refs_of(SpanAttributes)) AS Keys
FROM otel_traces
PREWHERE Tenant = {tenant:String} AND TraceId = {trace_id:String}
WHERE mapContains(SpanAttributes, 'flow.step')
    AND _partition_id IN (
        SELECT _partition_id FROM otel_traces WHERE Tenant = {tenant:String} AND TraceId = {trace_id:String})
LIMIT {limit:UInt32}
