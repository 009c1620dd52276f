-- What was sent about the steps of some cases? Each step once per case that has part in it. Of a span that came twice, the row received
-- last counts. The reader leaves out a started record whose finished span is there.
WITH
    wanted AS
    (
        SELECT KeyValue AS Case, TraceId, SpanId, ParentSpanId, State, End, ReceivedAt
        FROM steps
        WHERE Tenant = {tenant:String} AND KeyType = 'case' AND KeyValue IN {cases:Array(String)} AND Flow = {flow:String}
        UNION ALL
        SELECT r.CaseId, s.TraceId, s.SpanId, s.ParentSpanId, s.State, s.End, s.ReceivedAt
        FROM
        (
            SELECT KeyType, KeyValue, TraceId, SpanId, ParentSpanId, State, End, ReceivedAt
            FROM steps
            WHERE Tenant = {tenant:String} AND CaseId = '' AND Flow IN ('', {flow:String}) AND (KeyValue, KeyType) IN
            (
                SELECT IdValue, IdType FROM reach_by_case
                WHERE Tenant = {tenant:String} AND CaseId IN {cases:Array(String)} AND Flow = {flow:String}
            )
        ) AS s
        INNER JOIN
        (
            SELECT DISTINCT IdValue, IdType, CaseId FROM reach_by_case
            WHERE Tenant = {tenant:String} AND CaseId IN {cases:Array(String)} AND Flow = {flow:String}
        ) AS r ON s.KeyValue = r.IdValue AND s.KeyType = r.IdType
    ),
    spans AS
    (
        SELECT
            TraceId, SpanId, TraceState, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, ScopeVersion,
            SpanAttributes, StatusCode, StatusMessage, Timestamp, Duration,
            arrayMap(t -> toUnixTimestamp64Nano(t), Events.Timestamp) AS EventTimes, Events.Name AS EventNames,
            Events.Attributes AS EventAttributes, Links.TraceId AS LinkTraces, Links.SpanId AS LinkSpans,
            Links.Attributes AS LinkAttributes
        FROM otel_traces
        WHERE Tenant = {tenant:String} AND (TraceId, SpanId) IN (SELECT TraceId, SpanId FROM wanted)
        ORDER BY TraceId, SpanId, ReceivedAt DESC, Timestamp DESC
        LIMIT 1 BY TraceId, SpanId
    )
SELECT
    w.Case AS Case, w.TraceId AS TraceId, w.SpanId AS SpanId, w.ParentSpanId AS ParentSpanId, w.State AS State,
    s.TraceState AS TraceState, s.SpanName AS SpanName, s.SpanKind AS SpanKind, s.ServiceName AS ServiceName,
    s.ResourceAttributes AS ResourceAttributes, s.ScopeName AS ScopeName, s.ScopeVersion AS ScopeVersion,
    s.SpanAttributes AS SpanAttributes, s.StatusCode AS StatusCode, s.StatusMessage AS StatusMessage,
    toUnixTimestamp64Nano(s.Timestamp) AS Began, s.Duration AS Duration,
    s.EventTimes AS EventTimes, s.EventNames AS EventNames, s.EventAttributes AS EventAttributes,
    s.LinkTraces AS LinkTraces, s.LinkSpans AS LinkSpans, s.LinkAttributes AS LinkAttributes
FROM
(
    SELECT * FROM wanted
    ORDER BY Case, TraceId, SpanId, ReceivedAt DESC
    LIMIT 1 BY Case, TraceId, SpanId
) AS w
INNER JOIN spans AS s ON w.TraceId = s.TraceId AND w.SpanId = s.SpanId
ORDER BY Case, Began + Duration, Began, SpanId, TraceId
