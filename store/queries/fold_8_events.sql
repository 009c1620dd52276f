-- The events of the cases of one fold, each event once per case that has part in it.
--
-- An event belongs to the case it names; without a case id, to every case that reaches one of its ids. It is present once in
-- each of its n cases; its cost and its count weigh 1/n there, in millionths, the remainder going to the first of the cases in
-- order, so that the parts add up to the whole. A span that came twice counts once. A started record counts only while
-- the finished span it announces (its parent) is not there. The table sees to both: of equal spans it keeps the highest preference.
INSERT INTO fold_events (
    Fold, Tenant, Flow, CaseId, TraceId, Span, Done, Preference, Timestamp, End, Moment, FlowVersion, System, Step, Kind,
    ActorType, ActorId, Touch, Outcome, Ends, Failed, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retry, Shared,
    Weight, CostMicros, CostCurrency, Value, ValueCurrency, Dims)
WITH
    reinterpretAsInt64(ifNull(Cost, toDecimal64(0, 6))) AS micros,
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
    )
SELECT
    {fold:String} AS Fold,
    Tenant,
    Flow,
    CaseId,
    TraceId,
    if(State = 'started', ParentSpanId, SpanId) AS Span,
    State != 'started' AS Done,
    -- Finished before started, then what was received last, ended last, began last, then by span id: the same choice every time.
    bitShiftLeft(toUInt256(Done), 254)
        + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(ReceivedAt)), 190)
        + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(End)), 127)
        + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(Timestamp)), 64)
        + bitNot(reinterpretAsUInt64(reverse(unhex(SpanId)))) AS Preference,
    Timestamp,
    End,
    -- Which of two events is the later one: by its end, then its start, and in the same order every time when they tie. One
    -- number, because comparing numbers is what aggregation does fast.
    bitShiftLeft(toUInt256(toUnixTimestamp64Nano(End)), 128)
        + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(Timestamp)), 64)
        + cityHash64(TraceId, SpanId) AS Moment,
    FlowVersion,
    System,
    Step,
    Kind,
    ActorType,
    ActorId,
    Done AND ActorType = 'human' AND Action IN {touch_actions:Array(String)} AS Touch,
    Outcome,
    Done AND Outcome != '' AS Ends,
    Failed,
    Done AND Failed AND ErrorClass = 'business' AS FailedBusiness,
    Done AND Failed AND ErrorClass = 'infrastructure' AS FailedInfrastructure,
    Done AND Failed AND ErrorClass NOT IN ('business', 'infrastructure') AS FailedUnclassified,
    Done AND Attempt > 1 AS Retry,
    n > 1 AS Shared,
    intDiv(1000000, n) + (rank < 1000000 % n) AS Weight,
    if(Done, sign(micros) * (intDiv(abs(micros), n) + (rank < abs(micros) % n)), 0) AS CostMicros,
    CostCurrency,
    Value,
    ValueCurrency,
    Dims
FROM attributed
SETTINGS enable_materialized_cte = 1, max_insert_threads = 1
