-- What attributes say about business ids is read in one place, parts/0013_refs.sql, and tuples are read by name. The rows are the
-- same. The views are changed where they stand: dropped and made anew, they would miss what another process inserts meanwhile.
ALTER TABLE otel_traces_to_steps MODIFY QUERY
WITH
@include(0013_refs),
    -- Source id, target id, source id, target id …: as many links; an id that is empty, or without its other end, links nothing.
    (types, ids) -> arrayMap(i -> (types[1], ids[i], types[2], ids[i + 1]), arrayFilter(i -> ids[i] != '' AND ids[i + 1] != '',
        range(1, if(length(types) = 2, length(ids), 0), 2))) AS links_of
SELECT
    Tenant,
    -- By what a case finds the step: its case id, or else each typed id, or else its trace.
    KeyType,
    KeyValue,
    flow_of(a) AS Flow,
    a['flow.version'] AS FlowVersion,
    CaseId,
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
    Refs,
    arraySort(arrayDistinct(arrayFlatten(arrayMap(
        k -> links_of(splitByChar('.', substring(k, 11)), each_value(a[k])),
        arrayFilter(k -> startsWith(k, 'flow.link.'), mapKeys(a)))))) AS Links,
    toDecimal64OrNull(a['flow.approval.timeout_s'], 6) AS ApprovalTimeoutS,
    a['flow.approval.escalate_to'] AS EscalateTo,
    a['flow.approval.on_timeout'] AS OnTimeout,
    a['flow.approval.decision'] AS Decision,
    a['flow.approval.decided_by'] AS DecidedBy,
    ReceivedAt,
    Batch
FROM
(
    SELECT *, SpanAttributes AS a, a['flow.case.id'] AS CaseId, arraySort(arrayDistinct(refs_of(a))) AS Refs
    FROM otel_traces
    WHERE mapContains(SpanAttributes, 'flow.step')
)
ARRAY JOIN
    multiIf(CaseId != '', ['case'], notEmpty(Refs), Refs.Type, ['trace']) AS KeyType,
    multiIf(CaseId != '', [CaseId], notEmpty(Refs), Refs.Value, [TraceId]) AS KeyValue;

ALTER TABLE otel_logs_to_log_keys MODIFY QUERY
WITH
@include(0013_refs)
SELECT DISTINCT Tenant, KeyType, KeyValue, Flow, Timestamp, TraceId, ReceivedAt
FROM
(
    SELECT
        Tenant, Timestamp, TraceId, ReceivedAt,
        LogAttributes['flow.case.id'] AS CaseId,
        flow_of(LogAttributes) AS Flow,
        refs_of(LogAttributes) AS Refs
    FROM otel_logs
    WHERE arrayExists(k -> k = 'flow.case.id' OR startsWith(k, 'flow.ref.'), mapKeys(LogAttributes))
)
ARRAY JOIN
    arrayConcat(if(CaseId != '', ['case'], []), Refs.Type) AS KeyType,
    arrayConcat(if(CaseId != '', [CaseId], []), Refs.Value) AS KeyValue;

ALTER TABLE arrivals_to_ids MODIFY QUERY
SELECT DISTINCT Tenant, IdValue, IdType, Flow, CaseId
FROM arrivals
ARRAY JOIN Refs.Type AS IdType, Refs.Value AS IdValue
WHERE CaseId != '';

-- Under which ids the steps of a trace can be found by a case: its case id, or the typed ids of a step without one.
CREATE OR REPLACE VIEW trace_ids AS
WITH
@include(0013_refs)
SELECT Tenant, TraceId, Flow, IdType, IdValue
FROM
(
    SELECT
        Tenant,
        TraceId,
        SpanAttributes['flow.case.id'] AS CaseId,
        flow_of(SpanAttributes) AS Flow,
        refs_of(SpanAttributes) AS Refs
    FROM otel_traces
    WHERE mapContains(SpanAttributes, 'flow.step')
)
ARRAY JOIN
    if(CaseId != '', ['case'], Refs.Type) AS IdType,
    if(CaseId != '', [CaseId], Refs.Value) AS IdValue;
