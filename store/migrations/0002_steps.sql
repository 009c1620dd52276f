-- One row per step under each key by which a case can find it: its case id, or, without one, each typed id it carries, or,
-- without any, its trace. Sorted by the value first, so that an identifier of unknown type is found by the primary key.
CREATE TABLE IF NOT EXISTS steps
(
    Tenant LowCardinality(String),
    KeyType LowCardinality(String),
    KeyValue String CODEC(ZSTD(1)),
    Flow LowCardinality(String),
    FlowVersion LowCardinality(String),
    CaseId String CODEC(ZSTD(1)),
    Timestamp DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    End DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    System LowCardinality(String),
    Name LowCardinality(String),
    Step LowCardinality(String),
    Kind LowCardinality(String),
    State LowCardinality(String),
    Attempt UInt32 CODEC(ZSTD(1)),
    IdempotencyKey String CODEC(ZSTD(1)),
    ActorType LowCardinality(String),
    ActorId LowCardinality(String),
    Action LowCardinality(String),
    Outcome LowCardinality(String),
    Failed Bool CODEC(ZSTD(1)),
    ErrorClass LowCardinality(String),
    ErrorType LowCardinality(String),
    ErrorMessage String CODEC(ZSTD(1)),
    Compensates LowCardinality(String),
    Cost Nullable(Decimal(18, 6)) CODEC(ZSTD(1)),
    CostCurrency LowCardinality(String),
    Value Nullable(Decimal(18, 6)) CODEC(ZSTD(1)),
    ValueCurrency LowCardinality(String),
    Dims Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Refs Array(Tuple(Type LowCardinality(String), Value String)) CODEC(ZSTD(1)),
    ReceivedAt DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Batch LowCardinality(String) CODEC(ZSTD(1))
)
ENGINE = ${replacing}(ReceivedAt)
ORDER BY (Tenant, KeyValue, KeyType, Timestamp, TraceId, SpanId)
SETTINGS index_granularity = 1024, ${deduplication};

-- Reads the steps out of the spans as they are stored. Money beyond the sixth decimal place is cut; a number that is none,
-- or that does not fit, stays absent here and readable in the span's attributes.
CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_to_steps TO steps AS
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value
SELECT
    Tenant,
    key.1 AS KeyType,
    key.2 AS KeyValue,
    if(a['flow.name'] = '' AND CaseId != '', 'unnamed', a['flow.name']) AS Flow,
    a['flow.version'] AS FlowVersion,
    a['flow.case.id'] AS CaseId,
    Timestamp,
    addNanoseconds(Timestamp, Duration) AS End,
    TraceId,
    SpanId,
    ParentSpanId,
    ServiceName AS System,
    SpanName AS Name,
    a['flow.step'] AS Step,
    if(a['flow.step.kind'] = '', 'task', a['flow.step.kind']) AS Kind,
    a['flow.step.state'] AS State,
    greatest(toUInt32OrZero(a['flow.attempt']), 1) AS Attempt,
    a['flow.idempotency_key'] AS IdempotencyKey,
    a['flow.actor.type'] AS ActorType,
    a['flow.actor.id'] AS ActorId,
    a['flow.action'] AS Action,
    a['flow.case.outcome'] AS Outcome,
    StatusCode = 'Error' OR a['flow.error.class'] != '' AS Failed,
    a['flow.error.class'] AS ErrorClass,
    a['error.type'] AS ErrorType,
    StatusMessage AS ErrorMessage,
    a['flow.compensates'] AS Compensates,
    toDecimal64OrNull(a['flow.cost.amount'], 6) AS Cost,
    a['flow.cost.currency'] AS CostCurrency,
    toDecimal64OrNull(a['flow.value.amount'], 6) AS Value,
    a['flow.value.currency'] AS ValueCurrency,
    mapFromArrays(
        arrayMap(k -> substring(k, 10), arrayFilter(k -> startsWith(k, 'flow.dim.'), mapKeys(a))),
        arrayFilter((v, k) -> startsWith(k, 'flow.dim.'), mapValues(a), mapKeys(a))) AS Dims,
    arraySort(arrayDistinct(arrayFilter(r -> r.2 != '', arrayFlatten(arrayMap(
        (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (substring(k, 10), x), each_value(v)), []),
        mapKeys(a), mapValues(a)))))) AS Refs,
    ReceivedAt,
    Batch
FROM (SELECT *, SpanAttributes AS a FROM otel_traces WHERE mapContains(SpanAttributes, 'flow.step'))
ARRAY JOIN multiIf(CaseId != '', [('case', CaseId)], notEmpty(Refs), Refs, [('trace', TraceId)]) AS key;
