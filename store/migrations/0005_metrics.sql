-- Where OTLP metrics come in; the Null engine keeps nothing. Names and nesting are those of store/intake.proto.
CREATE TABLE IF NOT EXISTS otlp_metrics_intake
(
    batch String,
    envelope Array(Tuple(
        tenant String,
        received_unix_nano UInt64,
        request Tuple(resource_metrics Array(Tuple(
            resource Tuple(attributes @include(0004_attributes)),
            schema_url String,
            scope_metrics Array(Tuple(
                scope Tuple(name String, version String, attributes @include(0004_attributes), dropped_attributes_count UInt32),
                schema_url String,
                metrics Array(Tuple(
                    name String,
                    description String,
                    unit String,
                    gauge Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 4, 'int' = 6), as_double Float64, as_int Int64, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, redactions Array(Tuple(rule String, count UInt32))))),
                    sum Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 4, 'int' = 6), as_double Float64, as_int Int64, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32, is_monotonic Bool),
                    histogram Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, bucket_counts Array(UInt64), explicit_bounds Array(Float64), exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, min Float64, max Float64, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32),
                    exponential_histogram Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, scale Int32, zero_count UInt64, positive Tuple(offset Int32, bucket_counts Array(UInt64)), negative Tuple(offset Int32, bucket_counts Array(UInt64)), flags UInt32, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), min Float64, max Float64, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32),
                    summary Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, quantile_values Array(Tuple(quantile Float64, value Float64)), flags UInt32, redactions Array(Tuple(rule String, count UInt32)))))
                ))
            ))
        )))
    ))
)
ENGINE = Null;

-- A metric with its resource and scope, on the way to the tables of its kind; nothing is kept here either.
CREATE TABLE IF NOT EXISTS otlp_metrics_unpacked
(
    tenant String,
    received UInt64,
    batch String,
    resource Map(LowCardinality(String), String),
    resource_schema String,
    scope_name String,
    scope_version String,
    scope Map(LowCardinality(String), String),
    scope_dropped UInt32,
    scope_schema String,
    name String,
    description String,
    unit String,
    gauge Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 4, 'int' = 6), as_double Float64, as_int Int64, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, redactions Array(Tuple(rule String, count UInt32))))),
    sum Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 4, 'int' = 6), as_double Float64, as_int Int64, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32, is_monotonic Bool),
    histogram Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, bucket_counts Array(UInt64), explicit_bounds Array(Float64), exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), flags UInt32, min Float64, max Float64, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32),
    exponential_histogram Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, scale Int32, zero_count UInt64, positive Tuple(offset Int32, bucket_counts Array(UInt64)), negative Tuple(offset Int32, bucket_counts Array(UInt64)), flags UInt32, exemplars Array(Tuple(filtered_attributes @include(0004_attributes), time_unix_nano UInt64, value Enum8('none' = 0, 'double' = 3, 'int' = 6), as_double Float64, as_int Int64, span_id String, trace_id String)), min Float64, max Float64, redactions Array(Tuple(rule String, count UInt32)))), aggregation_temporality Int32),
    summary Tuple(data_points Array(Tuple(attributes @include(0004_attributes), start_time_unix_nano UInt64, time_unix_nano UInt64, count UInt64, sum Float64, quantile_values Array(Tuple(quantile Float64, value Float64)), flags UInt32, redactions Array(Tuple(rule String, count UInt32)))))
)
ENGINE = Null;

-- The five tables of the OpenTelemetry Collector's exporter, its columns first, then ours. An absent sum, minimum or maximum is
-- 0, as there.
CREATE TABLE IF NOT EXISTS otel_metrics_gauge
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Value Float64 CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Exemplars Nested(
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime64(9, 'UTC'),
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, MetricName, ServiceName, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

CREATE TABLE IF NOT EXISTS otel_metrics_sum
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Value Float64 CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Exemplars Nested(
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime64(9, 'UTC'),
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    IsMonotonic Bool CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, MetricName, ServiceName, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

CREATE TABLE IF NOT EXISTS otel_metrics_histogram
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Count UInt64 CODEC(Delta, ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    BucketCounts Array(UInt64) CODEC(ZSTD(1)),
    ExplicitBounds Array(Float64) CODEC(ZSTD(1)),
    Exemplars Nested(
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime64(9, 'UTC'),
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, MetricName, ServiceName, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

CREATE TABLE IF NOT EXISTS otel_metrics_exponential_histogram
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Count UInt64 CODEC(Delta, ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    Scale Int32 CODEC(ZSTD(1)),
    ZeroCount UInt64 CODEC(ZSTD(1)),
    PositiveOffset Int32 CODEC(ZSTD(1)),
    PositiveBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    NegativeOffset Int32 CODEC(ZSTD(1)),
    NegativeBucketCounts Array(UInt64) CODEC(ZSTD(1)),
    Exemplars Nested(
        FilteredAttributes Map(LowCardinality(String), String),
        TimeUnix DateTime64(9, 'UTC'),
        Value Float64,
        SpanId String,
        TraceId String
    ) CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Min Float64 CODEC(ZSTD(1)),
    Max Float64 CODEC(ZSTD(1)),
    AggregationTemporality Int32 CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, MetricName, ServiceName, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

CREATE TABLE IF NOT EXISTS otel_metrics_summary
(
    ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ResourceSchemaUrl String CODEC(ZSTD(1)),
    ScopeName String CODEC(ZSTD(1)),
    ScopeVersion String CODEC(ZSTD(1)),
    ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    ScopeDroppedAttrCount UInt32 CODEC(ZSTD(1)),
    ScopeSchemaUrl String CODEC(ZSTD(1)),
    ServiceName LowCardinality(String) CODEC(ZSTD(1)),
    MetricName LowCardinality(String) CODEC(ZSTD(1)),
    MetricDescription String CODEC(ZSTD(1)),
    MetricUnit String CODEC(ZSTD(1)),
    Attributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    StartTimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TimeUnix DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Count UInt64 CODEC(Delta, ZSTD(1)),
    Sum Float64 CODEC(ZSTD(1)),
    ValueAtQuantiles Nested(
        Quantile Float64,
        Value Float64
    ) CODEC(ZSTD(1)),
    Flags UInt32 CODEC(ZSTD(1)),
    Tenant LowCardinality(String) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1)),
    Redactions Map(LowCardinality(String), UInt32) CODEC(ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ReceivedAt)
ORDER BY (Tenant, MetricName, ServiceName, TimeUnix)
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- Business measures: the points of gauges and sums whose name begins with flow.kpi. Sorted as a chart reads them. A point that was
-- sent twice (same series, same time) is one after merging; FINAL or argMax make it one before.
-- Values are decimals, so that a sum is exact and the same in whichever order it is added up: an integer is kept as it came, a
-- double as the shortest decimal that reads back as it, cut after nine places. What does not fit (not a number, infinite, 10^29
-- and more) is in otel_metrics_* alone.
CREATE TABLE IF NOT EXISTS measures
(
    Tenant LowCardinality(String),
    Flow LowCardinality(String),
    Measure LowCardinality(String),
    Unit LowCardinality(String),
    Time DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Value Decimal(38, 9) CODEC(ZSTD(1)),
    -- gauge, delta (a sum since the point before) or cumulative (a sum since StartTime).
    Kind LowCardinality(String),
    Monotonic Bool CODEC(ZSTD(1)),
    StartTime DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    System LowCardinality(String),
    Dims Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    -- Resource, scope, metric and attributes together.
    Series UInt64 CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1))
)
ENGINE = ${replacing}(ReceivedAt)
ORDER BY (Tenant, Flow, Measure, Time, Series)
SETTINGS index_granularity = 1024, ${deduplication};

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_gauge TO otel_metrics_gauge AS
WITH
@include(0004_values)
SELECT
    resource AS ResourceAttributes,
    resource_schema AS ResourceSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    scope_dropped AS ScopeDroppedAttrCount,
    scope_schema AS ScopeSchemaUrl,
    ResourceAttributes['service.name'] AS ServiceName,
    name AS MetricName,
    description AS MetricDescription,
    unit AS MetricUnit,
    attribute_map(point.attributes) AS Attributes,
    instant(point.start_time_unix_nano) AS StartTimeUnix,
    instant(point.time_unix_nano) AS TimeUnix,
    if(point.value = 'int', toFloat64(point.as_int), point.as_double) AS Value,
    arrayMap(a -> attribute_map(a), point.exemplars.filtered_attributes) AS `Exemplars.FilteredAttributes`,
    arrayMap(t -> instant(t), point.exemplars.time_unix_nano) AS `Exemplars.TimeUnix`,
    arrayMap((kind, i, d) -> if(kind = 'int', toFloat64(i), d), point.exemplars.value, point.exemplars.as_int, point.exemplars.as_double) AS `Exemplars.Value`,
    arrayMap(id -> lower(hex(id)), point.exemplars.span_id) AS `Exemplars.SpanId`,
    arrayMap(id -> lower(hex(id)), point.exemplars.trace_id) AS `Exemplars.TraceId`,
    point.flags AS Flags,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(point.redactions) AS Redactions
FROM
(
    SELECT
        tenant, received, batch, resource, resource_schema, scope_name, scope_version, scope, scope_dropped, scope_schema,
        name, description, unit, arrayJoin(gauge.data_points) AS point
    FROM otlp_metrics_unpacked
);

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_sum TO otel_metrics_sum AS
WITH
@include(0004_values)
SELECT
    resource AS ResourceAttributes,
    resource_schema AS ResourceSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    scope_dropped AS ScopeDroppedAttrCount,
    scope_schema AS ScopeSchemaUrl,
    ResourceAttributes['service.name'] AS ServiceName,
    name AS MetricName,
    description AS MetricDescription,
    unit AS MetricUnit,
    attribute_map(point.attributes) AS Attributes,
    instant(point.start_time_unix_nano) AS StartTimeUnix,
    instant(point.time_unix_nano) AS TimeUnix,
    if(point.value = 'int', toFloat64(point.as_int), point.as_double) AS Value,
    arrayMap(a -> attribute_map(a), point.exemplars.filtered_attributes) AS `Exemplars.FilteredAttributes`,
    arrayMap(t -> instant(t), point.exemplars.time_unix_nano) AS `Exemplars.TimeUnix`,
    arrayMap((kind, i, d) -> if(kind = 'int', toFloat64(i), d), point.exemplars.value, point.exemplars.as_int, point.exemplars.as_double) AS `Exemplars.Value`,
    arrayMap(id -> lower(hex(id)), point.exemplars.span_id) AS `Exemplars.SpanId`,
    arrayMap(id -> lower(hex(id)), point.exemplars.trace_id) AS `Exemplars.TraceId`,
    temporality AS AggregationTemporality,
    monotonic AS IsMonotonic,
    point.flags AS Flags,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(point.redactions) AS Redactions
FROM
(
    SELECT
        tenant, received, batch, resource, resource_schema, scope_name, scope_version, scope, scope_dropped, scope_schema,
        name, description, unit, arrayJoin(sum.data_points) AS point, sum.aggregation_temporality AS temporality, sum.is_monotonic AS monotonic
    FROM otlp_metrics_unpacked
);

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_histogram TO otel_metrics_histogram AS
WITH
@include(0004_values)
SELECT
    resource AS ResourceAttributes,
    resource_schema AS ResourceSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    scope_dropped AS ScopeDroppedAttrCount,
    scope_schema AS ScopeSchemaUrl,
    ResourceAttributes['service.name'] AS ServiceName,
    name AS MetricName,
    description AS MetricDescription,
    unit AS MetricUnit,
    attribute_map(point.attributes) AS Attributes,
    instant(point.start_time_unix_nano) AS StartTimeUnix,
    instant(point.time_unix_nano) AS TimeUnix,
    point.count AS Count,
    point.sum AS Sum,
    point.bucket_counts AS BucketCounts,
    point.explicit_bounds AS ExplicitBounds,
    arrayMap(a -> attribute_map(a), point.exemplars.filtered_attributes) AS `Exemplars.FilteredAttributes`,
    arrayMap(t -> instant(t), point.exemplars.time_unix_nano) AS `Exemplars.TimeUnix`,
    arrayMap((kind, i, d) -> if(kind = 'int', toFloat64(i), d), point.exemplars.value, point.exemplars.as_int, point.exemplars.as_double) AS `Exemplars.Value`,
    arrayMap(id -> lower(hex(id)), point.exemplars.span_id) AS `Exemplars.SpanId`,
    arrayMap(id -> lower(hex(id)), point.exemplars.trace_id) AS `Exemplars.TraceId`,
    point.min AS Min,
    point.max AS Max,
    temporality AS AggregationTemporality,
    point.flags AS Flags,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(point.redactions) AS Redactions
FROM
(
    SELECT
        tenant, received, batch, resource, resource_schema, scope_name, scope_version, scope, scope_dropped, scope_schema,
        name, description, unit, arrayJoin(histogram.data_points) AS point, histogram.aggregation_temporality AS temporality
    FROM otlp_metrics_unpacked
);

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_exponential_histogram TO otel_metrics_exponential_histogram AS
WITH
@include(0004_values)
SELECT
    resource AS ResourceAttributes,
    resource_schema AS ResourceSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    scope_dropped AS ScopeDroppedAttrCount,
    scope_schema AS ScopeSchemaUrl,
    ResourceAttributes['service.name'] AS ServiceName,
    name AS MetricName,
    description AS MetricDescription,
    unit AS MetricUnit,
    attribute_map(point.attributes) AS Attributes,
    instant(point.start_time_unix_nano) AS StartTimeUnix,
    instant(point.time_unix_nano) AS TimeUnix,
    point.count AS Count,
    point.sum AS Sum,
    point.scale AS Scale,
    point.zero_count AS ZeroCount,
    point.positive.offset AS PositiveOffset,
    point.positive.bucket_counts AS PositiveBucketCounts,
    point.negative.offset AS NegativeOffset,
    point.negative.bucket_counts AS NegativeBucketCounts,
    arrayMap(a -> attribute_map(a), point.exemplars.filtered_attributes) AS `Exemplars.FilteredAttributes`,
    arrayMap(t -> instant(t), point.exemplars.time_unix_nano) AS `Exemplars.TimeUnix`,
    arrayMap((kind, i, d) -> if(kind = 'int', toFloat64(i), d), point.exemplars.value, point.exemplars.as_int, point.exemplars.as_double) AS `Exemplars.Value`,
    arrayMap(id -> lower(hex(id)), point.exemplars.span_id) AS `Exemplars.SpanId`,
    arrayMap(id -> lower(hex(id)), point.exemplars.trace_id) AS `Exemplars.TraceId`,
    point.min AS Min,
    point.max AS Max,
    temporality AS AggregationTemporality,
    point.flags AS Flags,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(point.redactions) AS Redactions
FROM
(
    SELECT
        tenant, received, batch, resource, resource_schema, scope_name, scope_version, scope, scope_dropped, scope_schema,
        name, description, unit, arrayJoin(exponential_histogram.data_points) AS point, exponential_histogram.aggregation_temporality AS temporality
    FROM otlp_metrics_unpacked
);

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_summary TO otel_metrics_summary AS
WITH
@include(0004_values)
SELECT
    resource AS ResourceAttributes,
    resource_schema AS ResourceSchemaUrl,
    scope_name AS ScopeName,
    scope_version AS ScopeVersion,
    scope AS ScopeAttributes,
    scope_dropped AS ScopeDroppedAttrCount,
    scope_schema AS ScopeSchemaUrl,
    ResourceAttributes['service.name'] AS ServiceName,
    name AS MetricName,
    description AS MetricDescription,
    unit AS MetricUnit,
    attribute_map(point.attributes) AS Attributes,
    instant(point.start_time_unix_nano) AS StartTimeUnix,
    instant(point.time_unix_nano) AS TimeUnix,
    point.count AS Count,
    point.sum AS Sum,
    point.quantile_values.quantile AS `ValueAtQuantiles.Quantile`,
    point.quantile_values.value AS `ValueAtQuantiles.Value`,
    point.flags AS Flags,
    tenant AS Tenant,
    instant(received) AS ReceivedAt,
    batch AS Batch,
    count_map(point.redactions) AS Redactions
FROM
(
    SELECT
        tenant, received, batch, resource, resource_schema, scope_name, scope_version, scope, scope_dropped, scope_schema,
        name, description, unit, arrayJoin(summary.data_points) AS point
    FROM otlp_metrics_unpacked
);

CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_to_measures TO measures AS
WITH
@include(0004_values)
SELECT
    tenant AS Tenant,
    attributes['flow.name'] AS Flow,
    substring(name, 10) AS Measure,
    unit AS Unit,
    instant(point.time_unix_nano) AS Time,
    assumeNotNull(exact) AS Value,
    kind AS Kind,
    monotonic AS Monotonic,
    instant(point.start_time_unix_nano) AS StartTime,
    resource['service.name'] AS System,
    mapFromArrays(
        arrayMap(k -> substring(k, 10), arrayFilter(k -> startsWith(k, 'flow.dim.'), mapKeys(attributes))),
        arrayFilter((v, k) -> startsWith(k, 'flow.dim.'), mapValues(attributes), mapKeys(attributes))) AS Dims,
    sipHash64(toString(mapSort(resource)), scope_name, scope_version, toString(mapSort(scope)), name, unit, kind, monotonic, toString(mapSort(attributes))) AS Series,
    instant(received) AS ReceivedAt,
    batch AS Batch
FROM
(
    SELECT
        * EXCEPT numbered,
        numbered.1 AS kind,
        numbered.2 AS monotonic,
        numbered.3 AS point,
        attribute_map(point.attributes) AS attributes,
        multiIf(
            point.value = 'int', toDecimal128OrNull(toString(point.as_int), 9),
            point.value = 'double', toDecimal128OrNull(toString(point.as_double), 9),
            NULL) AS exact
    FROM
    (
        SELECT
            tenant, received, batch, resource, scope_name, scope_version, scope, name, unit,
            arrayJoin(arrayConcat(
                arrayMap(p -> ('gauge', false, p), gauge.data_points),
                arrayMap(p -> (if(sum.aggregation_temporality = 1, 'delta', 'cumulative'), sum.is_monotonic, p), sum.data_points))) AS numbered
        FROM otlp_metrics_unpacked
        WHERE startsWith(name, 'flow.kpi.')
    )
)
WHERE exact IS NOT NULL;

-- Last, so that every table is there before a metric comes.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_metrics_intake_to_unpacked TO otlp_metrics_unpacked AS
WITH
@include(0004_values)
SELECT
    * EXCEPT metric,
    metric.name AS name,
    metric.description AS description,
    metric.unit AS unit,
    metric.gauge AS gauge,
    metric.sum AS sum,
    metric.histogram AS histogram,
    metric.exponential_histogram AS exponential_histogram,
    metric.summary AS summary
FROM
(
    SELECT * EXCEPT metrics, arrayJoin(metrics) AS metric
    FROM
    (
        SELECT
            tenant, received, batch, resource, resource_schema,
            attribute_map((arrayJoin(scopes) AS s).scope.attributes) AS scope,
            s.scope.name AS scope_name,
            s.scope.version AS scope_version,
            s.scope.dropped_attributes_count AS scope_dropped,
            s.schema_url AS scope_schema,
            s.metrics AS metrics
        FROM
        (
            SELECT
                tenant, received, batch,
                attribute_map((arrayJoin(resources) AS r).resource.attributes) AS resource,
                r.schema_url AS resource_schema,
                r.scope_metrics AS scopes
            FROM
            (
                SELECT (arrayJoin(envelope) AS e).tenant AS tenant, e.received_unix_nano AS received, e.request.resource_metrics AS resources, batch
                FROM otlp_metrics_intake
            )
        )
    )
);
