-- The events of the cases of one fold, each event once per case that has part in it.
--
-- An event belongs to the case it names; without a case id, to every case that reaches one of its ids. It is present once in
-- each of its n cases; its cost and its count weigh 1/n there, in millionths, the remainder going to the first of the cases in
-- order, so that the parts add up to the whole. A span that came twice counts once. A started record counts only while
-- the finished span it announces (its parent) is not there. The table sees to both: of equal spans it keeps the highest preference.
--
-- What a step's declaration says of it counts where the event says nothing: its price, its timeout, the outcome with which its success
-- ends the case; and it says which actions are touches.
INSERT INTO fold_events (
    Fold, Tenant, Flow, CaseId, TraceId, Span, Done, Preference, Timestamp, End, Moment, FlowVersion, System, Step, Kind,
    ActorType, ActorId, Touch, Outcome, Ends, Failed, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retry, Shared,
    Weight, CostMicros, CostCurrency, Value, ValueCurrency, Dims, Chain, Attempt, First, Person, Rejection, Correction, Compensation,
    Key, Object, ErrorType, Fingerprint, ApprovalDueAt, Decision, DecidedBy, EscalateTo, OnTimeout)
WITH
    id -> reinterpretAsUInt64(reverse(unhex(right(id, 16)))) AS number,
    -- A message without what differs from one time to the next: what stands in quotes, words with a digit, long hexadecimal ones.
    message -> trimBoth(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(
        substringUTF8(message, 1, 1000),
        '"[^"]*"', '?'),
        '(^|[^A-Za-z0-9_])\'[^\']*\'', '\\1?'),
        '[A-Za-z0-9_-]*[0-9][A-Za-z0-9_.,:-]*', '?'),
        '\\b[a-fA-F]{8,}\\b', '?'),
        '[ \\t\\r\\n]+', ' ')) AS pattern,
    texts -> lower(hex(substring(SHA256(arrayStringConcat(texts, '\n')), 1, 16))) AS digest,
    e.State != 'started' AS finished,
    finished AND e.Failed AS failure,
    e.Kind = 'approval' AS approval,
    toUnixTimestamp64Nano(e.Timestamp) AS began,
    toUnixTimestamp64Nano(e.End) AS ended,
    -- Millionths, the rest cut: what was sent, or else the declared price.
    if(isNull(e.Cost),
        reinterpretAsInt64(d.PricePerAttempt)
            + toInt64(intDiv(toInt128(reinterpretAsInt64(d.PricePerSecond)) * (ended - began), 1000000000000)),
        reinterpretAsInt64(assumeNotNull(e.Cost))) AS micros,
    -- Microseconds that an approval may take; 0 is no limit, and so is what is beyond all reason.
    if(e.ApprovalTimeoutS > 0, reinterpretAsInt64(assumeNotNull(e.ApprovalTimeoutS)), toInt64(d.TimeoutS) * 1000000) AS patience,
    scope AS MATERIALIZED
    (
        SELECT DISTINCT Tenant, Flow, CaseId FROM touched WHERE Fold = {fold:String}
    ),
    own AS
    (
        SELECT *
        FROM steps
        WHERE KeyType = 'case'
            AND (Tenant, KeyValue) IN (SELECT Tenant, CaseId FROM scope)
            AND (Tenant, Flow, CaseId) IN (SELECT Tenant, Flow, CaseId FROM scope)
    ),
    -- A step without a case id is stored once for each id by which it can be found; one of them will do.
    joint AS MATERIALIZED
    (
        SELECT *, if(empty(Refs), [('trace', TraceId)], Refs) AS Keys
        FROM steps
        WHERE CaseId = '' AND (Tenant, KeyValue, KeyType) IN
        (
            SELECT Tenant, IdValue, IdType FROM fold_reached WHERE Fold = {fold:String}
        )
        LIMIT 1 BY Tenant, TraceId, SpanId, Timestamp, End, State, ReceivedAt
    ),
    -- Which cases have part in each joint event, and which place each takes among them.
    parts AS
    (
        SELECT Tenant, TraceId, SpanId, length(sharers) AS n, rank, sharer.1 AS CaseFlow, sharer.2 AS CaseKey
        FROM
        (
            SELECT e.Tenant AS Tenant, e.TraceId AS TraceId, e.SpanId AS SpanId, arraySort(groupUniqArray((r.Flow, r.CaseId))) AS sharers
            FROM (SELECT Tenant, TraceId, SpanId, Flow, key.1 AS IdType, key.2 AS IdValue FROM joint ARRAY JOIN Keys AS key) AS e
            INNER JOIN
            (
                SELECT Tenant, IdValue, IdType, Flow, CaseId
                FROM {reach:Identifier}
                WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, key.2, key.1 FROM joint ARRAY JOIN Keys AS key)
            ) AS r ON e.Tenant = r.Tenant AND e.IdValue = r.IdValue AND e.IdType = r.IdType
            WHERE e.Flow IN ('', r.Flow)
            GROUP BY Tenant, TraceId, SpanId
        )
        ARRAY JOIN sharers AS sharer, arrayEnumerate(sharers) AS rank
        WHERE (Tenant, CaseFlow, CaseKey) IN (SELECT Tenant, Flow, CaseId FROM scope)
    ),
    attributed AS
    (
        SELECT Tenant, Flow, CaseId, toUInt64(1) AS n, toUInt64(0) AS rank, * EXCEPT (Tenant, Flow, CaseId)
        FROM own
        UNION ALL
        SELECT j.Tenant, p.CaseFlow, p.CaseKey, p.n, p.rank - 1, j.* EXCEPT (Tenant, Flow, CaseId, Keys)
        FROM joint AS j
        INNER JOIN parts AS p ON j.Tenant = p.Tenant AND j.TraceId = p.TraceId AND j.SpanId = p.SpanId
    ),
    declared AS
    (
        SELECT Tenant, Flow, step.1 AS Step, step.5 AS TouchesDeclared, step.6 AS Touches, step.7 AS PricePerAttempt,
            step.8 AS PricePerSecond, step.9 AS PriceCurrency, step.10 AS TimeoutS, step.11 AS EscalateTo, step.12 AS Ends, step.4 AS Loop
        FROM flow_declarations FINAL
        ARRAY JOIN Steps AS step
    )
SELECT
    {fold:String} AS Fold,
    e.Tenant AS Tenant,
    e.Flow AS Flow,
    e.CaseId AS CaseId,
    e.TraceId AS TraceId,
    if(e.State = 'started', e.ParentSpanId, e.SpanId) AS Span,
    finished AS Done,
    -- Finished before started, then what was received last, ended last, began last, then by span id: the same choice every time.
    bitShiftLeft(toUInt256(finished), 254)
        + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(e.ReceivedAt)), 190)
        + bitShiftLeft(toUInt256(ended), 127)
        + bitShiftLeft(toUInt256(began), 64)
        + bitNot(number(e.SpanId)) AS Preference,
    e.Timestamp AS Timestamp,
    e.End AS End,
    -- Which of two events is the later one: by its end, then its start, then its span id, then its trace id (the last half of it). One
    -- number, because comparing numbers is what aggregation does fast.
    bitShiftLeft(toUInt256(ended), 192)
        + bitShiftLeft(toUInt256(began), 128)
        + bitShiftLeft(toUInt256(number(e.SpanId)), 64)
        + number(e.TraceId) AS Moment,
    e.FlowVersion AS FlowVersion,
    e.System AS System,
    e.Step AS Step,
    e.Kind AS Kind,
    e.ActorType AS ActorType,
    e.ActorId AS ActorId,
    finished AND e.ActorType = 'human' AND has(if(d.TouchesDeclared, d.Touches, {touch_actions:Array(String)}), e.Action) AS Touch,
    if(e.Outcome != '', e.Outcome, d.Ends) AS Outcome,
    finished AND (e.Outcome != '' OR (d.Ends != '' AND NOT e.Failed)) AS Ends,
    e.Failed AS Failed,
    failure AND e.ErrorClass = 'business' AS FailedBusiness,
    failure AND e.ErrorClass = 'infrastructure' AS FailedInfrastructure,
    failure AND e.ErrorClass NOT IN ('business', 'infrastructure') AS FailedUnclassified,
    finished AND e.Attempt > 1 AS Retry,
    e.n > 1 AS Shared,
    intDiv(1000000, e.n) + (e.rank < 1000000 % e.n) AS Weight,
    if(finished, sign(micros) * (intDiv(abs(micros), e.n) + (e.rank < abs(micros) % e.n)), 0) AS CostMicros,
    if(isNull(e.Cost) AND d.PriceCurrency != '', d.PriceCurrency, e.CostCurrency) AS CostCurrency,
    e.Value AS Value,
    e.ValueCurrency AS ValueCurrency,
    e.Dims AS Dims,
    cityHash64(e.Step, e.Refs) AS Chain,
    e.Attempt AS Attempt,
    finished AND e.Attempt = 1 AND NOT d.Loop AS First,
    e.ActorType = 'human' OR e.Action IN ('retry', 'resend') AS Person,
    finished AND (e.Action = 'reject' OR e.Decision IN ('reject', 'rejected')) AS Rejection,
    finished AND e.ActorType = 'human' AND e.Action = 'edit' AS Correction,
    finished AND (e.Kind = 'compensation' OR e.Compensates != '') AS Compensation,
    if(finished, e.IdempotencyKey, '') AS Key,
    if(failure OR approval OR e.IdempotencyKey != '', arrayStringConcat(arrayMap(r -> concat(r.1, ':', r.2), e.Refs), ', '), '') AS Object,
    if(failure, e.ErrorType, '') AS ErrorType,
    if(failure, digest([
        'v1', multiIf(e.ErrorClass IN ('business', 'infrastructure'), e.ErrorClass, 'unclassified'), e.Flow, e.Step, e.ErrorType,
        pattern(e.ErrorMessage)]), '') AS Fingerprint,
    if(approval AND patience BETWEEN 1 AND 3000000000000000, addMicroseconds(e.Timestamp, patience), NULL) AS ApprovalDueAt,
    if(approval, e.Decision, '') AS Decision,
    if(approval, e.DecidedBy, '') AS DecidedBy,
    if(approval, if(e.EscalateTo != '', e.EscalateTo, d.EscalateTo), '') AS EscalateTo,
    if(approval, e.OnTimeout, '') AS OnTimeout
FROM attributed AS e
LEFT JOIN declared AS d ON e.Tenant = d.Tenant AND e.Flow = d.Flow AND e.Step = d.Step
SETTINGS enable_materialized_cte = 1, max_insert_threads = 1, optimize_and_compare_chain = 0
