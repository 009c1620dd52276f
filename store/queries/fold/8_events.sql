-- Which events do the cases of a run have, each event once per case?
--
-- An event belongs to the case that it names; without a case id, to every case that reaches one of its ids. It is present once in
-- each of its n cases; its cost and its count weigh 1/n there, in millionths. The remainder goes to the first of the cases in
-- order, so that the parts add up to the whole. A span that came twice counts once. A started record counts only while
-- the finished span that it announces (its parent) is not there. The table does both: of equal spans it keeps the highest preference.
--
-- The declaration of a step is used where the event says nothing: its price, its timeout, the outcome with which its success
-- ends the case. It also says which actions are touches.
INSERT INTO fold_events (
    Fold, Tenant, Flow, CaseId, TraceId, Span, Done, Preference, Timestamp, End, Moment, FlowVersion, System, Step, Kind,
    ActorType, ActorId, Touch, Outcome, Ends, Failed, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retry, Shared,
    Weight, CostMicros, CostCurrency, Value, ValueCurrency, Dims, Chain, Attempt, First, Person, Rejection, Correction, Compensation,
    Key, Object, ErrorType, Fingerprint, ApprovalDueAt, Decision, DecidedBy, EscalateTo, OnTimeout)
WITH
@include(moment),
    -- The last 8 bytes of a hexadecimal id as a number.
    id -> reinterpretAsUInt64(reverse(unhex(right(id, 16)))) AS number,
    -- A message without what differs from one time to the next: text in quotes, words with a digit, long hexadecimal words.
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
    -- The cost in millionths, cut beyond: as it was sent, or else the declared price.
    if(isNull(e.Cost),
        reinterpretAsInt64(d.PricePerAttempt)
            + toInt64(intDiv(toInt128(reinterpretAsInt64(d.PricePerSecond)) * (ended - began), 1000000000000)),
        reinterpretAsInt64(assumeNotNull(e.Cost))) AS micros,
    -- Microseconds that an approval may take; 0 is no limit. A century counts as none either, see ApprovalDueAt.
    if(e.ApprovalTimeoutS > 0, reinterpretAsInt64(assumeNotNull(e.ApprovalTimeoutS)), toInt64(d.TimeoutS) * 1000000) AS patience,
    scope AS MATERIALIZED
    (
        SELECT DISTINCT Tenant, Flow, CaseId FROM touched WHERE Fold = {run:String}
    ),
    own AS
    (
        SELECT *
        FROM steps
        WHERE KeyType = 'case'
            AND (Tenant, KeyValue) IN (SELECT Tenant, CaseId FROM scope)
            AND (Tenant, Flow, CaseId) IN (SELECT Tenant, Flow, CaseId FROM scope)
    ),
    -- A step without a case id is stored once for each id by which it can be found; one of those rows is enough.
    joint AS MATERIALIZED
    (
        SELECT *, if(empty(Refs), ['trace'], Refs.Type) AS Types, if(empty(Refs), [TraceId], Refs.Value) AS Values
        FROM steps
        WHERE CaseId = '' AND (Tenant, KeyValue, KeyType) IN
        (
            SELECT Tenant, IdValue, IdType FROM fold_reached WHERE Fold = {run:String}
        )
        LIMIT 1 BY Tenant, TraceId, SpanId, Timestamp, End, State, ReceivedAt
    ),
    -- The cases that share each joint event, and the rank of each among them.
    parts AS
    (
        SELECT Tenant, TraceId, SpanId, length(sharers) AS n, rank, sharer.Flow AS CaseFlow, sharer.CaseId AS CaseKey
        FROM
        (
            SELECT
                e.Tenant AS Tenant, e.TraceId AS TraceId, e.SpanId AS SpanId,
                CAST(arraySort(groupUniqArray((r.Flow, r.CaseId))), 'Array(Tuple(Flow String, CaseId String))') AS sharers
            FROM (SELECT Tenant, TraceId, SpanId, Flow, IdType, IdValue FROM joint ARRAY JOIN Types AS IdType, Values AS IdValue) AS e
            INNER JOIN
            (
                SELECT Tenant, IdValue, IdType, Flow, CaseId
                FROM {reach:Identifier}
                WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, Value, Type FROM joint ARRAY JOIN Types AS Type, Values AS Value)
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
        SELECT j.Tenant, p.CaseFlow, p.CaseKey, p.n, p.rank - 1, j.* EXCEPT (Tenant, Flow, CaseId, Types, Values)
        FROM joint AS j
        INNER JOIN parts AS p ON j.Tenant = p.Tenant AND j.TraceId = p.TraceId AND j.SpanId = p.SpanId
    ),
    declared AS
    (
        SELECT
            Tenant, Flow, step.Step AS Step, step.Loop AS Loop, step.TouchesDeclared AS TouchesDeclared, step.Touches AS Touches,
            step.PricePerAttempt AS PricePerAttempt, step.PricePerSecond AS PricePerSecond, step.PriceCurrency AS PriceCurrency,
            step.TimeoutS AS TimeoutS, step.EscalateTo AS EscalateTo, step.Ends AS Ends
        FROM flow_declarations FINAL
        ARRAY JOIN Steps AS step
    )
SELECT
    {run:String} AS Fold,
    e.Tenant AS Tenant,
    e.Flow AS Flow,
    e.CaseId AS CaseId,
    e.TraceId AS TraceId,
    if(e.State = 'started', e.ParentSpanId, e.SpanId) AS Span,
    finished AS Done,
    preference_of(finished, toUnixTimestamp64Nano(e.ReceivedAt), ended, began, number(e.SpanId)) AS Preference,
    e.Timestamp AS Timestamp,
    e.End AS End,
    moment_of(ended, began, number(e.SpanId), number(e.TraceId)) AS Moment,
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
    -- n may not divide a million: the first cases in order get one millionth more, so that the shares add up exactly.
    intDiv(1000000, e.n) + (e.rank < 1000000 % e.n) AS Weight,
    -- The same split of the cost; rounded towards 0, so that a refund is split like a charge.
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
    if(failure OR approval OR e.IdempotencyKey != '', arrayStringConcat(arrayMap(r -> concat(r.Type, ':', r.Value), e.Refs), ', '), '') AS Object,
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
