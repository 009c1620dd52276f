-- Which log records may belong to one case, without their long texts? Those in the traces of its steps and those at the places that
-- log_keys names, received on some days. The caller decides by ids and spans. Print tells records apart: one that was sent twice comes twice.
SELECT
    TraceId, SpanId, toUnixTimestamp64Nano(Timestamp) AS Ns, SeverityNumber, SeverityText,
    LogAttributes['flow.name'] AS Flow,
    LogAttributes['flow.case.id'] AS CaseId,
    mapFilter((k, v) -> startsWith(k, 'flow.ref.'), LogAttributes) AS Refs,
    cityHash64(SpanId, ServiceName, SeverityNumber, SeverityText, EventName, Body, LogAttributes) AS Print
FROM otel_logs
PREWHERE Tenant = {tenant:String} AND toDate(ReceivedAt) IN {days:Array(Date)}
    AND (TraceId IN {traces:Array(String)}
        OR (TraceId, toUnixTimestamp64Nano(Timestamp)) IN {places:Array(Tuple(String, Int64))})
LIMIT {limit:UInt32}
