-- Explicit links (flow.link.<source type>.<target type>) and what is known of approvals, read out of the spans.
ALTER TABLE steps
    ADD COLUMN IF NOT EXISTS Links Array(Tuple(
        SourceType LowCardinality(String), SourceValue String, TargetType LowCardinality(String), TargetValue String)) CODEC(ZSTD(1)) AFTER Refs,
    ADD COLUMN IF NOT EXISTS ApprovalTimeoutS Nullable(Decimal(18, 6)) CODEC(ZSTD(1)) AFTER Links,
    ADD COLUMN IF NOT EXISTS EscalateTo LowCardinality(String) AFTER ApprovalTimeoutS,
    ADD COLUMN IF NOT EXISTS OnTimeout LowCardinality(String) AFTER EscalateTo,
    ADD COLUMN IF NOT EXISTS Decision LowCardinality(String) AFTER OnTimeout,
    ADD COLUMN IF NOT EXISTS DecidedBy LowCardinality(String) AFTER Decision;

ALTER TABLE arrivals
    ADD COLUMN IF NOT EXISTS Links Array(Tuple(
        SourceType LowCardinality(String), SourceValue String, TargetType LowCardinality(String), TargetValue String)) CODEC(ZSTD(1)) AFTER Refs;

-- The views are changed where they stand: dropped and made anew, they would miss what another process inserts meanwhile.
ALTER TABLE otel_traces_to_steps MODIFY QUERY
@include(0009_steps)
    ReceivedAt,
    Batch
FROM (SELECT *, SpanAttributes AS a FROM otel_traces WHERE mapContains(SpanAttributes, 'flow.step'))
ARRAY JOIN multiIf(CaseId != '', [('case', CaseId)], notEmpty(Refs), Refs, [('trace', TraceId)]) AS key;

ALTER TABLE steps_to_arrivals MODIFY QUERY
SELECT DISTINCT Batch, Tenant, Flow, CaseId, TraceId, Refs, Links, now64(3, 'UTC') AS ArrivedAt
FROM steps;

CREATE OR REPLACE VIEW all_arrivals AS
SELECT 'all' AS Batch, Tenant, Flow, CaseId, TraceId, Refs, Links FROM steps;

-- Steps stored before that say more than was read of them. A nanosecond later than it was received, so that the new row counts.
INSERT INTO steps (
    Tenant, KeyType, KeyValue, Flow, FlowVersion, CaseId, Timestamp, End, TraceId, SpanId, ParentSpanId, System, Name, Step, Kind,
    State, Attempt, IdempotencyKey, ActorType, ActorId, Action, Outcome, Failed, ErrorClass, ErrorType, ErrorMessage, Compensates,
    Cost, CostCurrency, Value, ValueCurrency, Dims, Refs, Links, ApprovalTimeoutS, EscalateTo, OnTimeout, Decision, DecidedBy,
    ReceivedAt, Batch)
@include(0009_steps)
    addNanoseconds(ReceivedAt, 1) AS ReceivedAt,
    Batch
FROM
(
    SELECT *, SpanAttributes AS a
    FROM otel_traces
    WHERE mapContains(SpanAttributes, 'flow.step')
        AND arrayExists(k -> startsWith(k, 'flow.approval.') OR startsWith(k, 'flow.link.'), mapKeys(SpanAttributes))
)
ARRAY JOIN multiIf(CaseId != '', [('case', CaseId)], notEmpty(Refs), Refs, [('trace', TraceId)]) AS key;
