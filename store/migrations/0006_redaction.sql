-- How many values of a span were redacted, by rule, as store/redaction.py counted them.
ALTER TABLE otel_traces ADD COLUMN IF NOT EXISTS Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1));

-- The way in of traces, made anew with that column; the Null table keeps nothing.
DROP VIEW IF EXISTS otlp_intake_to_otel_traces;
DROP TABLE IF EXISTS otlp_intake;

CREATE TABLE otlp_intake
(
    batch String,
    envelope Array(Tuple(
        tenant String,
        received_unix_nano UInt64,
        request Tuple(resource_spans Array(Tuple(
            resource Tuple(attributes @include(0004_attributes)),
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
                    attributes @include(0004_attributes),
                    events Array(Tuple(time_unix_nano UInt64, name String, attributes @include(0004_attributes))),
                    links Array(Tuple(trace_id String, span_id String, trace_state String, attributes @include(0004_attributes))),
                    status Tuple(message String, code UInt32),
                    redactions Array(Tuple(rule String, count UInt32))
                ))
            ))
        )))
    ))
)
ENGINE = Null;

-- Decodes a batch. Every attribute value becomes text by the exporter's rules: true/false, 42, 0.5, JSON for arrays and
-- key-value lists; an element that is itself an array or a list is kept whole, as base64 of its protobuf.
CREATE MATERIALIZED VIEW otlp_intake_to_otel_traces TO otel_traces AS
WITH
@include(0004_values)
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
    arrayMap(t -> instant(t), span.events.time_unix_nano) AS `Events.Timestamp`,
    span.events.name AS `Events.Name`,
    arrayMap(a -> attribute_map(a), span.events.attributes) AS `Events.Attributes`,
    arrayMap(id -> lower(hex(id)), span.links.trace_id) AS `Links.TraceId`,
    arrayMap(id -> lower(hex(id)), span.links.span_id) AS `Links.SpanId`,
    span.links.trace_state AS `Links.TraceState`,
    arrayMap(a -> attribute_map(a), span.links.attributes) AS `Links.Attributes`,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(span.redactions) AS Redactions
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

-- What was redacted, by day of receipt. Fed by what is stored, so that a batch that is inserted again counts once.
CREATE TABLE IF NOT EXISTS redactions
(
    Tenant LowCardinality(String),
    Day Date,
    Signal LowCardinality(String),
    Rule LowCardinality(String),
    Count UInt64
)
ENGINE = ${summing}(Count)
ORDER BY (Tenant, Day, Signal, Rule)
SETTINGS ${deduplication};

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'traces' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_traces
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_logs_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'logs' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_logs
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_metrics_gauge_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'metrics' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_metrics_gauge
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_metrics_sum_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'metrics' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_metrics_sum
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_metrics_histogram_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'metrics' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_metrics_histogram
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_metrics_exponential_histogram_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'metrics' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_metrics_exponential_histogram
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_metrics_summary_to_redactions TO redactions AS
SELECT Tenant, toDate(ReceivedAt) AS Day, 'metrics' AS Signal, rule AS Rule, sum(number) AS Count
FROM otel_metrics_summary
ARRAY JOIN mapKeys(Redactions) AS rule, mapValues(Redactions) AS number
GROUP BY Tenant, Day, Rule;
