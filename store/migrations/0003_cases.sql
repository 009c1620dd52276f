-- What came with each batch, for the incremental fold: which cases can it touch? Read by batch; a day is dropped once all its
-- batches are folded. Days count from the insert, not from when a request was received: that may lie long before it.
CREATE TABLE IF NOT EXISTS arrivals
(
    Batch String CODEC(ZSTD(1)),
    Tenant LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String CODEC(ZSTD(1)),
    TraceId String CODEC(ZSTD(1)),
    Refs Array(Tuple(Type LowCardinality(String), Value String)) CODEC(ZSTD(1)),
    ArrivedAt DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1))
)
ENGINE = ${merge_tree}
PARTITION BY toDate(ArrivedAt)
ORDER BY Batch
SETTINGS ${deduplication};

-- From steps, not from otel_traces: a batch must not be known as arrived before its steps are there, or a stop between the two
-- would have it folded without them.
CREATE MATERIALIZED VIEW IF NOT EXISTS steps_to_arrivals TO arrivals AS
SELECT DISTINCT Batch, Tenant, Flow, CaseId, TraceId, Refs, now64(3, 'UTC') AS ArrivedAt
FROM steps;

-- Batches whose cases have been folded. What stands in arrivals and not here is work left over from a stop.
CREATE TABLE IF NOT EXISTS folded_batches
(
    Batch String CODEC(ZSTD(1)),
    FoldedAt DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replacing}
PARTITION BY toDate(FoldedAt)
ORDER BY Batch
TTL toDate(FoldedAt) + INTERVAL 4 DAY
SETTINGS ttl_only_drop_parts = 1, ${deduplication};

-- Flows as they were declared: the lead type and the typed, directed edges along which a case reaches its events.
CREATE TABLE IF NOT EXISTS flow_declarations
(
    Tenant LowCardinality(String),
    Flow String,
    FlowVersion String,
    Lead String,
    Edges Array(Tuple(Source String, Target String)),
    Segments Array(String),
    Document String,
    DeclaredAt DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${replacing}(DeclaredAt)
ORDER BY (Tenant, Flow);

-- Which id leads to which, along the declared edges of a flow, as the events assert it.
CREATE TABLE IF NOT EXISTS links
(
    Tenant LowCardinality(String),
    SourceValue String CODEC(ZSTD(1)),
    SourceType LowCardinality(String),
    Flow LowCardinality(String),
    TargetType LowCardinality(String),
    TargetValue String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
SETTINGS index_granularity = 1024;

-- Every id that a case reaches from its lead along links: the closure. It only grows, so adding to it as events come gives
-- what computing it afresh gives. Sorted by the id, for search and for "who shares this?" …
CREATE TABLE IF NOT EXISTS reach
(
    Tenant LowCardinality(String),
    IdValue String CODEC(ZSTD(1)),
    IdType LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, IdValue, IdType, Flow, CaseId)
SETTINGS index_granularity = 1024;

-- … and by the case, for the trail and the fold.
CREATE TABLE IF NOT EXISTS reach_by_case
(
    Tenant LowCardinality(String),
    IdValue String CODEC(ZSTD(1)),
    IdType LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, CaseId, Flow, IdType, IdValue)
SETTINGS index_granularity = 1024;

CREATE MATERIALIZED VIEW IF NOT EXISTS reach_to_reach_by_case TO reach_by_case AS
SELECT Tenant, IdValue, IdType, Flow, CaseId FROM reach;

-- The cases that one run of the fold works on.
CREATE TABLE IF NOT EXISTS touched
(
    Fold String,
    Tenant LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String,
    At DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ${merge_tree}
PARTITION BY toDate(At)
ORDER BY (Fold, Tenant, CaseId)
TTL toDate(At) + INTERVAL 2 DAY
SETTINGS ttl_only_drop_parts = 1;

-- A case as its events say it is now; every figure is computed from here. A fold writes the whole row again under a higher
-- version. Counts are of finished attempts, each present once; the shares in StepTotals count an attempt shared by n cases
-- as 1/n, in millionths that add up exactly.
CREATE TABLE IF NOT EXISTS cases
(
    Tenant LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String CODEC(ZSTD(1)),
    Version UInt64 CODEC(Delta, ZSTD(1)),
    FlowVersion LowCardinality(String),
    Start DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    End Nullable(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    LastEvent DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    Outcome LowCardinality(String),
    Dims Map(LowCardinality(String), String) CODEC(ZSTD(1)),
    Value Nullable(Decimal(18, 6)) CODEC(ZSTD(1)),
    ValueCurrency LowCardinality(String),
    Events UInt32 CODEC(ZSTD(1)),
    HumanEvents UInt32 CODEC(ZSTD(1)),
    ServiceEvents UInt32 CODEC(ZSTD(1)),
    UnknownEvents UInt32 CODEC(ZSTD(1)),
    Touches UInt32 CODEC(ZSTD(1)),
    Attempts UInt32 CODEC(ZSTD(1)),
    FailedBusiness UInt32 CODEC(ZSTD(1)),
    FailedInfrastructure UInt32 CODEC(ZSTD(1)),
    FailedUnclassified UInt32 CODEC(ZSTD(1)),
    Retries UInt32 CODEC(ZSTD(1)),
    SharedEvents UInt32 CODEC(ZSTD(1)),
    Systems Array(LowCardinality(String)) CODEC(ZSTD(1)),
    NowState LowCardinality(String),
    NowStep LowCardinality(String),
    NowSystem LowCardinality(String),
    NowActorType LowCardinality(String),
    NowActorId LowCardinality(String),
    NowSince DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    NowFailed Bool CODEC(ZSTD(1)),
    OpenSteps UInt32 CODEC(ZSTD(1)),
    StepTotals Array(Tuple(
        Step LowCardinality(String), System LowCardinality(String), Kind LowCardinality(String), CostCurrency LowCardinality(String),
        Attempts UInt32, AttemptShare UInt64,
        FailedBusiness UInt32, FailedInfrastructure UInt32, FailedUnclassified UInt32,
        FailedBusinessShare UInt64, FailedInfrastructureShare UInt64, FailedUnclassifiedShare UInt64,
        Retries UInt32, RetryShare UInt64,
        Cost Decimal(18, 6), RetryCost Decimal(18, 6),
        Succeeded Bool)) CODEC(ZSTD(1)),
    -- Case ids mostly rise with time, so a window skips most of the table. End is null in flight, which would spoil minmax.
    INDEX starts Start TYPE minmax GRANULARITY 1,
    INDEX ends assumeNotNull(End) TYPE minmax GRANULARITY 1
)
ENGINE = ${replacing}(Version)
ORDER BY (Tenant, Flow, CaseId)
SETTINGS index_granularity = 1024;

-- Every typed id that a step with a case id carries, declared or not: what support staff may quote. Read by search alone;
-- correlation follows links.
CREATE TABLE IF NOT EXISTS ids
(
    Tenant LowCardinality(String),
    IdValue String CODEC(ZSTD(1)),
    IdType LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String CODEC(ZSTD(1))
)
ENGINE = ${replacing}
ORDER BY (Tenant, IdValue, IdType, Flow, CaseId)
SETTINGS index_granularity = 1024, ${deduplication};

CREATE MATERIALIZED VIEW IF NOT EXISTS arrivals_to_ids TO ids AS
SELECT DISTINCT Tenant, ref.2 AS IdValue, ref.1 AS IdType, Flow, CaseId
FROM arrivals
ARRAY JOIN Refs AS ref
WHERE CaseId != '';

-- All steps in the shape of arrivals, for a rebuild: one batch that holds everything.
CREATE VIEW IF NOT EXISTS all_arrivals AS
SELECT 'all' AS Batch, Tenant, Flow, CaseId, TraceId, Refs FROM steps;

-- Under which ids the steps of a trace can be found by a case: its case id, or the typed ids of a step without one.
CREATE VIEW IF NOT EXISTS trace_ids AS
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value
SELECT Tenant, TraceId, Flow, id.1 AS IdType, id.2 AS IdValue
FROM
(
    SELECT
        Tenant,
        TraceId,
        SpanAttributes['flow.case.id'] AS CaseId,
        if(SpanAttributes['flow.name'] = '' AND CaseId != '', 'unnamed', SpanAttributes['flow.name']) AS Flow,
        arrayFilter(r -> r.2 != '', arrayFlatten(arrayMap(
            (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (substring(k, 10), x), each_value(v)), []),
            mapKeys(SpanAttributes), mapValues(SpanAttributes)))) AS Refs
    FROM otel_traces
    WHERE mapContains(SpanAttributes, 'flow.step')
)
ARRAY JOIN if(CaseId != '', [('case', CaseId)], Refs) AS id;
