-- What do these log records say? As logs/candidates.sql, in full; texts are cut after {cut} characters.
SELECT
    TraceId, SpanId, toUnixTimestamp64Nano(Timestamp) AS Ns, SeverityNumber, SeverityText,
    LogAttributes['flow.name'] AS Flow,
    LogAttributes['flow.case.id'] AS CaseId,
    mapFilter((k, v) -> startsWith(k, 'flow.ref.'), LogAttributes) AS Refs,
    cityHash64(SpanId, ServiceName, SeverityNumber, SeverityText, EventName, Body, LogAttributes) AS Print,
    ServiceName AS System, EventName,
    substringUTF8(Body, 1, {cut:UInt32}) AS Text,
    lengthUTF8(Body) > {cut:UInt32} AS Cut,
    mapApply((k, v) -> (k, substringUTF8(v, 1, {cut:UInt32})), LogAttributes) AS Attributes
FROM otel_logs
PREWHERE Tenant = {tenant:String} AND toDate(ReceivedAt) IN {days:Array(Date)}
    AND (TraceId IN {traces:Array(String)}
        OR (TraceId, toUnixTimestamp64Nano(Timestamp)) IN {places:Array(Tuple(String, Int64))})
LIMIT {limit:UInt32}
