-- What a case comes to beside its counts: success and due time, repeats and corrections, exceptions, approvals, duplicate effects,
-- idempotency keys. docs/attributes.md says what counts as what.
ALTER TABLE cases
    ADD COLUMN IF NOT EXISTS Success Bool,
    ADD COLUMN IF NOT EXISTS DueAt Nullable(DateTime64(9, 'UTC')) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Repeats UInt32 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Rejections UInt32 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Corrections UInt32 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Compensations UInt32 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Exceptions Array(Tuple(
        Fingerprint String, Class LowCardinality(String), Code LowCardinality(String), Step LowCardinality(String),
        System LowCardinality(String), Object String, OpenedAt DateTime64(9, 'UTC'), ClosedAt Nullable(DateTime64(9, 'UTC')),
        State LowCardinality(String), Attempts UInt32, Value Nullable(Decimal(18, 6)), ValueCurrency LowCardinality(String),
        TraceId String, SpanId String)) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Approvals Array(Tuple(
        Step LowCardinality(String), System LowCardinality(String), Object String, RequestedAt DateTime64(9, 'UTC'),
        DueAt Nullable(DateTime64(9, 'UTC')), DecidedAt Nullable(DateTime64(9, 'UTC')), Decision LowCardinality(String),
        DecidedBy String, EscalateTo LowCardinality(String), OnTimeout LowCardinality(String),
        TraceId String, SpanId String)) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS Duplicates Array(Tuple(
        Key String, Step LowCardinality(String), Object String, Effects UInt32,
        First DateTime64(9, 'UTC'), Last DateTime64(9, 'UTC'))) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS KeyTotals Array(Tuple(
        System LowCardinality(String), Step LowCardinality(String), Attempts UInt32, Keyed UInt32)) CODEC(ZSTD(1));

-- The events of a run of the fold, made anew with what these facts are told from; nothing in it outlives its run. Of a chain, which is
-- one step with one object, the attempts are told apart by Moment. What few events have is empty on the others. As before, the insert
-- keeps the preferred one of an event that came twice, and the run leads the sorting key: FINAL compares across partitions.
DROP TABLE IF EXISTS fold_events;

CREATE TABLE fold_events
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
    Dims Map(LowCardinality(String), String),
    Chain UInt64,
    Attempt UInt32,
    First Bool,
    Person Bool,
    Rejection Bool,
    Correction Bool,
    Compensation Bool,
    Key String,
    Object String,
    ErrorType String,
    Fingerprint String,
    ApprovalDueAt Nullable(DateTime64(9, 'UTC')),
    Decision String,
    DecidedBy String,
    EscalateTo String,
    OnTimeout String
)
ENGINE = ${replacing}(Preference)
PARTITION BY Fold
ORDER BY (Fold, Tenant, Flow, CaseId, TraceId, Span);
