-- Which spans have these traces, received on these days? Without the days, a part of every stored day would be searched. Steps are
-- included, to see which plain span is below which step. A span that was sent twice comes twice.
SELECT
    TraceId, SpanId, ParentSpanId,
    ServiceName AS System, SpanName AS Name, SpanKind AS Kind,
    toUnixTimestamp64Nano(Timestamp) AS StartNs,
    StartNs + toInt64(Duration) AS EndNs,
    toUnixTimestamp64Nano(ReceivedAt) AS ReceivedNs,
    StatusCode = 'Error' AS Failed,
    SpanAttributes['error.type'] AS ErrorType,
    StatusMessage AS ErrorMessage,
    mapContains(SpanAttributes, 'flow.step') AS IsStep,
    if(SpanAttributes['flow.step.state'] = 'started', ParentSpanId, '') AS StartedBy
FROM otel_traces
WHERE toDate(ReceivedAt) IN {days:Array(Date)} AND Tenant = {tenant:String} AND TraceId IN {traces:Array(String)}
LIMIT {limit:UInt32}
