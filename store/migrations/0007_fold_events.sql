-- The events of the cases that one run of the fold works on, as each case sees them; a run is a partition, dropped at its end. Of
-- an event that came twice, and of a started record and the finished span it announces, the insert keeps the preferred one. The run
-- leads the sorting key: FINAL compares across partitions, and what a stopped run left behind must not stand for another's rows.
CREATE TABLE IF NOT EXISTS fold_events
(
    Fold String,
    Tenant LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String,
    TraceId String,
    Span String,
    Done Bool,
    Preference UInt256,
    Timestamp DateTime64(9, 'UTC'),
    End DateTime64(9, 'UTC'),
    Moment UInt256,
    FlowVersion LowCardinality(String),
    System LowCardinality(String),
    Step LowCardinality(String),
    Kind LowCardinality(String),
    ActorType LowCardinality(String),
    ActorId LowCardinality(String),
    Touch Bool,
    Outcome LowCardinality(String),
    Ends Bool,
    Failed Bool,
    FailedBusiness Bool,
    FailedInfrastructure Bool,
    FailedUnclassified Bool,
    Retry Bool,
    Shared Bool,
    Weight UInt64,
    CostMicros Int64,
    CostCurrency LowCardinality(String),
    Value Nullable(Decimal(18, 6)),
    ValueCurrency LowCardinality(String),
    Dims Map(LowCardinality(String), String)
)
ENGINE = ${replacing}(Preference)
PARTITION BY Fold
ORDER BY (Fold, Tenant, Flow, CaseId, TraceId, Span);

-- What the cases of a run reach: as known before (hop 0), and what each hop along links added.
CREATE TABLE IF NOT EXISTS fold_reached
(
    Fold String,
    Hop UInt8,
    New Bool,
    Tenant LowCardinality(String),
    IdValue String,
    IdType LowCardinality(String),
    Flow LowCardinality(String),
    CaseId String
)
ENGINE = ${merge_tree}
PARTITION BY Fold
ORDER BY (Tenant, IdValue, IdType);
