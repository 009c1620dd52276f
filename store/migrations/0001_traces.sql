-- Where OTLP requests come in. The Null engine keeps nothing: the view below unpacks each batch into otel_traces.
-- Column names and nesting are those of store/intake.proto; `value` says which member of the oneof came, so that 0, false, ''
-- and an empty list stay apart from absent.
CREATE TABLE IF NOT EXISTS otlp_intake
(
    batch String,
    envelope Array(Tuple(
        tenant String,
        received_unix_nano UInt64,
        request Tuple(resource_spans Array(Tuple(
            resource Tuple(attributes Array(Tuple(key String, value Tuple(value Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7), string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, array_value Tuple(values Array(String)), kvlist_value Tuple(values Array(Tuple(key String, value String))))))),
            scope_spans Array(Tuple(
                scope Tuple(name String, version String),
                spans Array(Tuple(
                    trace_id String,
                    span_id String,
                    trace_state String,
                    parent_span_id String,
                    name String,
                    kind UInt32,
                    start_time_unix_nano UInt64,
                    end_time_unix_nano UInt64,
                    attributes Array(Tuple(key String, value Tuple(value Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7), string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, array_value Tuple(values Array(String)), kvlist_value Tuple(values Array(Tuple(key String, value String)))))),
                    events Array(Tuple(time_unix_nano UInt64, name String, attributes Array(Tuple(key String, value Tuple(value Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7), string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, array_value Tuple(values Array(String)), kvlist_value Tuple(values Array(Tuple(key String, value String)))))))),
                    links Array(Tuple(trace_id String, span_id String, trace_state String, attributes Array(Tuple(key String, value Tuple(value Enum8('none' = 0, 'string' = 1, 'bool' = 2, 'int' = 3, 'double' = 4, 'array' = 5, 'kvlist' = 6, 'bytes' = 7), string_value String, bool_value Bool, int_value Int64, double_value Float64, bytes_value String, array_value Tuple(values Array(String)), kvlist_value Tuple(values Array(Tuple(key String, value String)))))))),
                    status Tuple(message String, code UInt32)
                ))
            ))
        )))
    ))
)
ENGINE = Null;

-- The OpenTelemetry Collector exporter's 22 columns, so that its readers work unchanged, then ours.
-- Sorted by trace: the trail and a trace by id read a few granules, spans of one trace compress well beside each other, and
-- a span that was sent twice folds away on merge. Partitioned by day received, so that late events never scatter an insert
-- over many partitions and retention drops whole parts; the minmax index keeps old parts out of a search by time.
CREATE TABLE IF NOT EXISTS otel_traces
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    TraceState String CODEC(ZSTD(1)),
    SpanName LowCardinality(String) CODEC(ZSTD(1)),
    SpanKind LowCardinality(String) CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Duration UInt64 CODEC(ZSTD(1)),
    StatusCode LowCardinality(String) CODEC(ZSTD(1)),
    StatusMessage String CODEC(ZSTD(1)),
    Events Nested(
        Timestamp DateTime64(9, 'UTC'),
        Name LowCardinality(String),
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Links Nested(
        TraceId String,
        SpanId String,
        TraceState String,
        Attributes Map(LowCardinality(String), String)
    ) CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    INDEX by_time Timestamp TYPE minmax GRANULARITY 1,
    INDEX by_service ServiceName TYPE set(100) GRANULARITY 4
)
ENGINE = ${replacing}(ReceivedAt)
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, TraceId, SpanId)
SETTINGS index_granularity = 2048, ttl_only_drop_parts = 1, ${deduplication};

-- Decodes a batch. Every attribute value becomes text by the exporter's rules: true/false, 42, 0.5, JSON for arrays and
-- key-value lists. Their elements come still encoded: one scalar each is opened here; an element that is itself an array or
-- a list is kept whole, as base64 of its protobuf.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_intake_to_otel_traces TO otel_traces AS
WITH
    -- An AnyValue: one tag, then the value. A string's length needs as many bytes as the whole says.
    e -> substring(e, 3 + (length(e) > 129) + (length(e) > 16386) + (length(e) > 2097155)) AS element_string,
    e -> toString(reinterpretAsInt64(arraySum(arrayMap(
        i -> bitShiftLeft(toUInt64(bitAnd(ascii(substring(e, i, 1)), 127)), 7 * (i - 2)), range(2, length(e) + 1))))) AS element_integer,
    e -> multiIf(
        e = '', 'null',
        startsWith(e, unhex('0A')), toJSONString(element_string(e)),
        startsWith(e, unhex('10')), if(endsWith(e, unhex('01')), 'true', 'false'),
        startsWith(e, unhex('18')), element_integer(e),
        startsWith(e, unhex('21')), toString(reinterpretAsFloat64(substring(e, 2))),
        concat('"', base64Encode(e), '"')) AS element_json,
    v -> multiIf(
        v.value = 'string', v.string_value,
        v.value = 'int', toString(v.int_value),
        v.value = 'double', toString(v.double_value),
        v.value = 'bool', toString(v.bool_value),
        v.value = 'array', concat('[', arrayStringConcat(arrayMap(e -> element_json(e), v.array_value.values), ','), ']'),
        v.value = 'kvlist', concat('{', arrayStringConcat(arrayMap(m -> concat(toJSONString(m.key), ':', element_json(m.value)), v.kvlist_value.values), ','), '}'),
        v.value = 'bytes', base64Encode(v.bytes_value),
        '') AS value_text,
    attributes -> CAST((arrayMap(a -> a.key, attributes), arrayMap(a -> value_text(a.value), attributes)), 'Map(LowCardinality(String), String)') AS attribute_map,
    -- A time past the year 2262 does not fit; it is held at the last instant that does.
    t -> fromUnixTimestamp64Nano(toInt64(least(t, 9223372036854775807)), 'UTC') AS instant
SELECT
    instant(span.start_time_unix_nano) AS Timestamp,
    lower(hex(span.trace_id)) AS TraceId,
    lower(hex(span.span_id)) AS SpanId,
    lower(hex(span.parent_span_id)) AS ParentSpanId,
    span.trace_state AS TraceState,
    span.name AS SpanName,
    transform(span.kind, [1, 2, 3, 4, 5], ['Internal', 'Server', 'Client', 'Producer', 'Consumer'], 'Unspecified') AS SpanKind,
    ResourceAttributes['service.name'] AS ServiceName,
    resource AS ResourceAttributes,
    scope.name AS ScopeName,
    scope.version AS ScopeVersion,
    attribute_map(span.attributes) AS SpanAttributes,
    if(span.end_time_unix_nano > span.start_time_unix_nano, span.end_time_unix_nano - span.start_time_unix_nano, 0) AS Duration,
    transform(span.status.code, [1, 2], ['Ok', 'Error'], 'Unset') AS StatusCode,
    span.status.message AS StatusMessage,
    arrayMap(e -> instant(e.time_unix_nano), span.events) AS `Events.Timestamp`,
    arrayMap(e -> e.name, span.events) AS `Events.Name`,
    arrayMap(e -> attribute_map(e.attributes), span.events) AS `Events.Attributes`,
    arrayMap(l -> lower(hex(l.trace_id)), span.links) AS `Links.TraceId`,
    arrayMap(l -> lower(hex(l.span_id)), span.links) AS `Links.SpanId`,
    arrayMap(l -> l.trace_state, span.links) AS `Links.TraceState`,
    arrayMap(l -> attribute_map(l.attributes), span.links) AS `Links.Attributes`,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch
FROM
(
    SELECT tenant, received, batch, resource, scope, arrayJoin(spans) AS span
    FROM
    (
        SELECT tenant, received, batch, resource, (arrayJoin(scopes) AS s).scope AS scope, s.spans AS spans
        FROM
        (
            SELECT tenant, received, batch, attribute_map((arrayJoin(resources) AS r).resource.attributes) AS resource, r.scope_spans AS scopes
            FROM
            (
                SELECT (arrayJoin(envelope) AS e).tenant AS tenant, e.received_unix_nano AS received, e.request.resource_spans AS resources, batch
                FROM otlp_intake
            )
        )
    )
);
