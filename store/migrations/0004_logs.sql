-- Where OTLP logs come in; the Null engine keeps nothing. Names and nesting are those of store/intake.proto.
CREATE TABLE IF NOT EXISTS otlp_logs_intake
(
    batch String,
    envelope Array(Tuple(
        tenant String,
        received_unix_nano UInt64,
        request Tuple(resource_logs Array(Tuple(
            resource Tuple(attributes @include(0004_attributes)),
            schema_url String,
            scope_logs Array(Tuple(
                scope Tuple(name String, version String, attributes @include(0004_attributes)),
                schema_url String,
                log_records Array(Tuple(
                    time_unix_nano UInt64,
                    observed_time_unix_nano UInt64,
                    severity_number UInt32,
                    severity_text String,
                    body @include(0004_value),
                    attributes @include(0004_attributes),
                    flags UInt32,
                    trace_id String,
                    span_id String,
                    event_name String,
                    redactions Array(Tuple(rule String, count UInt32))
                ))
            ))
        )))
    ))
)
ENGINE = Null;

-- The columns of the OpenTelemetry Collector's exporter, so that its readers work unchanged, then ours. Sorted by trace: the
-- logs of a case are read by its traces, and those without a trace (their id is '') by the time that log_keys names.
CREATE TABLE IF NOT EXISTS otel_logs
(
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    -- Older versions of the exporter have this column, and some of its readers ask for it.
    TimestampTime DateTime('UTC') ALIAS toDateTime(Timestamp, 'UTC'),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    TraceFlags UInt8 CODEC(ZSTD(1)),
    SeverityText LowCardinality(String) CODEC(ZSTD(1)),
    SeverityNumber UInt8 CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    Body String CODEC(ZSTD(1)),
    ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    EventName String CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1)),
    INDEX by_time Timestamp TYPE minmax GRANULARITY 1,
    INDEX by_service ServiceName TYPE set(100) GRANULARITY 4
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, TraceId, Timestamp)
SETTINGS index_granularity = 2048, ttl_only_drop_parts = 1, ${deduplication};

-- Where the logs of a case are, by the ids that they carry: its case id under the type `case`, each flow.ref.<type> under its
-- type. A row names its log by trace and time, which is how otel_logs is sorted.
CREATE TABLE IF NOT EXISTS log_keys
(
    Tenant LowCardinality(String),
    KeyType LowCardinality(String),
    KeyValue String CODEC(ZSTD(1)),
    Flow LowCardinality(String),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ${replacing}(ReceivedAt)
ORDER BY (Tenant, KeyValue, KeyType, Flow, Timestamp, TraceId)
SETTINGS index_granularity = 1024, ${deduplication};

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_logs_to_log_keys TO log_keys AS
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value
SELECT DISTINCT Tenant, id.1 AS KeyType, id.2 AS KeyValue, Flow, Timestamp, TraceId, ReceivedAt
FROM
(
    SELECT
        Tenant, Timestamp, TraceId, ReceivedAt,
        if(LogAttributes['flow.name'] = '' AND LogAttributes['flow.case.id'] != '', 'unnamed', LogAttributes['flow.name']) AS Flow,
        arrayFilter(r -> r.2 != '', arrayPushFront(arrayFlatten(arrayMap(
            (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (substring(k, 10), x), each_value(v)), []),
            mapKeys(LogAttributes), mapValues(LogAttributes))), ('case', LogAttributes['flow.case.id']))) AS Ids
    FROM otel_logs
    WHERE arrayExists(k -> k = 'flow.case.id' OR startsWith(k, 'flow.ref.'), mapKeys(LogAttributes))
)
ARRAY JOIN Ids AS id;

-- Decodes a batch. A record without a time of its own has the time at which it was observed, or else received.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_logs_intake_to_otel_logs TO otel_logs AS
WITH
@include(0004_values)
SELECT
    instant(multiIf(record.time_unix_nano != 0, record.time_unix_nano, record.observed_time_unix_nano != 0, record.observed_time_unix_nano, received)) AS Timestamp,
    lower(hex(record.trace_id)) AS TraceId,
    lower(hex(record.span_id)) AS SpanId,
    toUInt8(bitAnd(record.flags, 255)) AS TraceFlags,
    record.severity_text AS SeverityText,
    toUInt8(least(record.severity_number, 255)) AS SeverityNumber,
    ResourceAttributes['service.name'] AS ServiceName,
    value_text(record.body) AS Body,
    resource_schema AS ResourceSchemaUrl,
    resource AS ResourceAttributes,
    scope_schema AS ScopeSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    attribute_map(record.attributes) AS LogAttributes,
    record.event_name AS EventName,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(record.redactions) AS Redactions
FROM
(
    SELECT * EXCEPT records, arrayJoin(records) AS record
    FROM
    (
        SELECT
            tenant, received, batch, resource, resource_schema,
            attribute_map((arrayJoin(scopes) AS s).scope.attributes) AS scope,
            s.scope.name AS scope_name,
            s.scope.version AS scope_version,
            s.schema_url AS scope_schema,
            s.log_records AS records
        FROM
        (
            SELECT
                tenant, received, batch,
                attribute_map((arrayJoin(resources) AS r).resource.attributes) AS resource,
                r.schema_url AS resource_schema,
                r.scope_logs AS scopes
            FROM
            (
                SELECT (arrayJoin(envelope) AS e).tenant AS tenant, e.received_unix_nano AS received, e.request.resource_logs AS resources, batch
                FROM otlp_logs_intake
            )
        )
    )
);
