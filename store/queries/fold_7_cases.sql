-- The fold: a case is a pure function of its events. Read by the incremental path, by rebuild and by verify alike.
--
-- An event belongs to the case it names; without a case id, to every case that reaches one of its ids. It is present once in
-- each of its n cases; its cost and its count weigh 1/n there, in millionths, the remainder going to the first of the cases in
-- order, so that the parts add up to the whole. A span that came twice counts once. A started record counts only while
-- the finished span it announces (its parent) is not there.
INSERT INTO {cases:Identifier} (
    Tenant, Flow, CaseId, Version, FlowVersion, Start, End, LastEvent, Outcome, Dims, Value, ValueCurrency,
    Events, HumanEvents, ServiceEvents, UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure,
    FailedUnclassified, Retries, SharedEvents, Systems, NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince,
    NowFailed, OpenSteps, StepTotals)
WITH
    moment -> fromUnixTimestamp64Nano(toInt64(bitShiftRight(moment, 128)), 'UTC') AS ending,
    moment -> fromUnixTimestamp64Nano(toInt64(bitAnd(bitShiftRight(moment, 64), 18446744073709551615)), 'UTC') AS beginning,
    scope AS
    (
        SELECT DISTINCT Tenant, Flow, CaseId FROM touched WHERE Fold = {fold:String}
    ),
    own AS
    (
        SELECT *
        FROM steps
        WHERE KeyType = 'case'
            AND (Tenant, KeyValue) IN (SELECT Tenant, CaseId FROM scope)
            AND (Tenant, Flow, CaseId) IN scope
    ),
    joint AS
    (
        SELECT *, if(empty(Refs), [('trace', TraceId)], Refs) AS Keys
        FROM steps
        WHERE CaseId = '' AND (Tenant, KeyValue, KeyType) IN
        (
            SELECT Tenant, IdValue, IdType
            FROM {reach_by_case:Identifier}
            WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM scope)
        )
    ),
    -- Which cases have part in each joint event, and which place each takes among them.
    parts AS
    (
        SELECT Tenant, TraceId, SpanId, length(sharers) AS n, rank, sharer.1 AS CaseFlow, sharer.2 AS CaseKey
        FROM
        (
            SELECT e.Tenant AS Tenant, e.TraceId AS TraceId, e.SpanId AS SpanId, arraySort(groupUniqArray((r.Flow, r.CaseId))) AS sharers
            FROM
            (
                SELECT DISTINCT Tenant, TraceId, SpanId, Flow, key.1 AS IdType, key.2 AS IdValue
                FROM joint
                ARRAY JOIN Keys AS key
            ) AS e
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
        WHERE (Tenant, CaseFlow, CaseKey) IN scope
    ),
    events AS
    (
        SELECT
            Tenant, Flow, CaseId, 1 AS n, 0 AS rank,
            FlowVersion, Timestamp, End, TraceId, SpanId, if(State = 'started', ParentSpanId, SpanId) AS RealSpan,
            System, Step, Kind, State, Attempt, ActorType, ActorId, Action, Outcome, Failed, ErrorClass,
            Cost, CostCurrency, Value, ValueCurrency, Dims, ReceivedAt
        FROM own
        UNION ALL
        SELECT
            j.Tenant, p.CaseFlow, p.CaseKey, p.n, p.rank - 1,
            FlowVersion, Timestamp, End, j.TraceId, j.SpanId, if(State = 'started', ParentSpanId, j.SpanId),
            System, Step, Kind, State, Attempt, ActorType, ActorId, Action, Outcome, Failed, ErrorClass,
            Cost, CostCurrency, Value, ValueCurrency, Dims, ReceivedAt
        FROM joint AS j
        INNER JOIN parts AS p ON j.Tenant = p.Tenant AND j.TraceId = p.TraceId AND j.SpanId = p.SpanId
    ),
    counted AS
    (
        SELECT
            *,
            State != 'started' AS done,
            done AND Failed AND ErrorClass = 'business' AS failed_business,
            done AND Failed AND ErrorClass = 'infrastructure' AS failed_infrastructure,
            done AND Failed AND ErrorClass NOT IN ('business', 'infrastructure') AS failed_unclassified,
            done AND Attempt > 1 AS retry,
            intDiv(1000000, n) + (rank < 1000000 % n) AS weight,
            reinterpretAsInt64(ifNull(Cost, toDecimal64(0, 6))) AS micros,
            if(done, sign(micros) * (intDiv(abs(micros), n) + (rank < abs(micros) % n)), 0) AS cost_micros,
            -- Which of two events is the later one: by its end, then its start, and in the same order every time when they
            -- tie. One number, because comparing numbers is what aggregation does fast.
            bitShiftLeft(toUInt256(toUnixTimestamp64Nano(End)), 128) + bitShiftLeft(toUInt256(toUnixTimestamp64Nano(Timestamp)), 64)
                + cityHash64(TraceId, SpanId) AS moment,
            mapApply((k, v) -> (k, concat(leftPad(hex(moment), 64, '0'), v)), Dims) AS dated_dims
        FROM events
        ORDER BY State = 'started', ReceivedAt DESC, End DESC, Timestamp DESC, SpanId
        LIMIT 1 BY Tenant, Flow, CaseId, TraceId, RealSpan
    ),
    by_step AS
    (
        SELECT
            Tenant, Flow, CaseId, Step, System, Kind, CostCurrency,
            countIf(done) AS attempts,
            sumIf(weight, done) AS attempt_share,
            countIf(failed_business) AS business,
            countIf(failed_infrastructure) AS infrastructure,
            countIf(failed_unclassified) AS unclassified,
            sumIf(weight, failed_business) AS business_share,
            sumIf(weight, failed_infrastructure) AS infrastructure_share,
            sumIf(weight, failed_unclassified) AS unclassified_share,
            countIf(retry) AS retries,
            sumIf(weight, retry) AS retry_share,
            sum(cost_micros) AS cost,
            sumIf(cost_micros, retry) AS retry_cost,
            countIf(done AND NOT Failed) > 0 AS succeeded,
            countIf(done AND ActorType = 'human') AS human,
            countIf(done AND ActorType IN ('service', 'service_for_human')) AS service,
            countIf(done AND ActorType IN ('', 'unknown')) AS unknown,
            countIf(done AND ActorType = 'human' AND Action IN {touch_actions:Array(String)}) AS touches,
            countIf(done AND n > 1) AS shared,
            countIf(NOT done) AS open,
            min(Timestamp) AS first,
            max(End) AS last,
            maxIf(moment, FlowVersion != '') AS version_at,
            argMaxIf(FlowVersion, moment, FlowVersion != '') AS version,
            maxIf(moment, done AND Outcome != '') AS ended_at,
            argMaxIf(Outcome, moment, done AND Outcome != '') AS ended_outcome,
            argMaxIf(ActorType, moment, done AND Outcome != '') AS ended_actor_type,
            argMaxIf(ActorId, moment, done AND Outcome != '') AS ended_actor_id,
            argMaxIf(Failed, moment, done AND Outcome != '') AS ended_failed,
            maxIf(moment, done) AS done_at,
            argMaxIf(ActorType, moment, done) AS done_actor_type,
            argMaxIf(ActorId, moment, done) AS done_actor_id,
            argMaxIf(Failed, moment, done) AS done_failed,
            maxIf(moment, NOT done) AS open_at,
            argMaxIf(ActorType, moment, NOT done) AS open_actor_type,
            argMaxIf(ActorId, moment, NOT done) AS open_actor_id,
            maxIf(moment, isNotNull(Value)) AS value_at,
            argMaxIf(Value, moment, isNotNull(Value)) AS value,
            argMaxIf(ValueCurrency, moment, isNotNull(Value)) AS value_currency,
            maxMapIf(dated_dims, notEmpty(Dims)) AS dims
        FROM counted
        GROUP BY Tenant, Flow, CaseId, Step, System, Kind, CostCurrency
    ),
    by_case AS
    (
        SELECT
            Tenant, Flow, CaseId,
            min(first) AS Start,
            max(last) AS LastEvent,
            sum(attempts) AS Attempts, sum(human) AS Human, sum(service) AS Service, sum(unknown) AS Unknown, sum(touches) AS Touches,
            sum(business) AS Business, sum(infrastructure) AS Infrastructure, sum(unclassified) AS Unclassified,
            sum(retries) AS Retries, sum(shared) AS Shared, sum(open) AS Open,
            argMax(version, version_at) AS Version,
            max(ended_at) AS EndedAt, argMax(ended_outcome, ended_at) AS Outcome, argMax(Step, ended_at) AS EndedStep,
            argMax(System, ended_at) AS EndedSystem, argMax(ended_actor_type, ended_at) AS EndedActorType,
            argMax(ended_actor_id, ended_at) AS EndedActorId, argMax(ended_failed, ended_at) AS EndedFailed,
            max(done_at) AS DoneAt, argMax(Step, done_at) AS DoneStep, argMax(System, done_at) AS DoneSystem,
            argMax(done_actor_type, done_at) AS DoneActorType, argMax(done_actor_id, done_at) AS DoneActorId,
            argMax(done_failed, done_at) AS DoneFailed,
            max(open_at) AS OpenAt, argMax(Step, open_at) AS OpenStep, argMax(System, open_at) AS OpenSystem,
            argMax(open_actor_type, open_at) AS OpenActorType, argMax(open_actor_id, open_at) AS OpenActorId,
            max(value_at) AS ValueAt, argMax(value, value_at) AS Value, argMax(value_currency, value_at) AS ValueCurrency,
            maxMap(dims) AS dims,
            arraySort(groupUniqArray(System)) AS Systems,
            groupUniqArrayIf((Step, System), succeeded) AS succeeded_steps,
            arraySort(groupArray((
                Step, System, Kind, CostCurrency, attempts, attempt_share, business, infrastructure, unclassified,
                business_share, infrastructure_share, unclassified_share, retries, retry_share, cost, retry_cost))) AS totals
        FROM by_step
        GROUP BY Tenant, Flow, CaseId
    )
SELECT
    Tenant,
    Flow,
    CaseId,
    {version:UInt64},
    Version,
    Start,
    if(EndedAt = 0, NULL, ending(EndedAt)),
    LastEvent,
    Outcome,
    mapApply((k, v) -> (k, substring(v, 65)), dims),
    if(ValueAt = 0, NULL, Value),
    ValueCurrency,
    Attempts,
    Human,
    Service,
    Unknown,
    Touches,
    Attempts,
    Business,
    Infrastructure,
    Unclassified,
    Retries,
    Shared,
    Systems,
    multiIf(EndedAt != 0, 'finished', Open > 0, 'in_progress', 'waiting') AS NowState,
    multiIf(NowState = 'finished', EndedStep, NowState = 'in_progress', OpenStep, DoneStep),
    multiIf(NowState = 'finished', EndedSystem, NowState = 'in_progress', OpenSystem, DoneSystem),
    multiIf(NowState = 'finished', EndedActorType, NowState = 'in_progress', OpenActorType, DoneActorType),
    multiIf(NowState = 'finished', EndedActorId, NowState = 'in_progress', OpenActorId, DoneActorId),
    multiIf(NowState = 'finished', ending(EndedAt), NowState = 'in_progress', beginning(OpenAt), ending(DoneAt)),
    multiIf(NowState = 'finished', EndedFailed, NowState = 'in_progress', false, DoneFailed),
    Open,
    arrayMap(t -> (
        t.1, t.2, t.3, t.4, t.5, t.6, t.7, t.8, t.9, t.10, t.11, t.12, t.13, t.14,
        reinterpret(t.15, 'Decimal(18, 6)'), reinterpret(t.16, 'Decimal(18, 6)'),
        has(succeeded_steps, (t.1, t.2))), totals)
FROM by_case
