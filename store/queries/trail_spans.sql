-- The spans of some traces. Steps come along only to tell which plain span hangs below which step.
SELECT
    TraceId, SpanId, ParentSpanId,
    ServiceName AS System, SpanName AS Name, SpanKind AS Kind,
    toUnixTimestamp64Nano(Timestamp) AS StartNs,
    StartNs + toInt64(Duration) AS EndNs,
    StatusCode = 'Error' AS Failed,
    SpanAttributes['error.type'] AS ErrorType,
    StatusMessage AS ErrorMessage,
    mapContains(SpanAttributes, 'flow.step') AS IsStep,
    if(SpanAttributes['flow.step.state'] = 'started', ParentSpanId, '') AS StartedBy
FROM otel_traces
WHERE Tenant = {tenant:String} AND TraceId IN {traces:Array(String)}
ORDER BY TraceId, SpanId, ReceivedAt DESC
LIMIT 1 BY TraceId, SpanId
LIMIT {limit:UInt32}
