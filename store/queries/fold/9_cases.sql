-- The fold: a case is a pure function of its events (fold/8_events.sql). Read by the incremental path, by rebuild and by verify
-- alike.
INSERT INTO {cases:Identifier} (
    Tenant, Flow, CaseId, Version, FlowVersion, Start, End, LastEvent, Outcome, Dims, Value, ValueCurrency,
    Events, HumanEvents, ServiceEvents, UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure,
    FailedUnclassified, Retries, SharedEvents, Systems, NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince,
    NowFailed, OpenSteps, StepTotals, Success, DueAt, Repeats, Rejections, Corrections, Compensations, Exceptions, Approvals,
    Duplicates, KeyTotals)
WITH
    moment -> fromUnixTimestamp64Nano(toInt64(bitShiftRight(moment, 192)), 'UTC') AS ending,
    moment -> fromUnixTimestamp64Nano(toInt64(bitAnd(bitShiftRight(moment, 128), 18446744073709551615)), 'UTC') AS beginning,
    -- The values of a case and its exceptions, as they followed each other; then each exception has the value before it, or else the
    -- one after it. No array is looked into once for each element of another: a case may have any number of both.
    arraySort(arrayConcat(
        arrayMap(v -> (v.1, false, v.2, v.3), if(empty(f.exceptions), [], c.values)),
        arrayMap(x -> (bitOr(x.1, bitShiftRight(bitNot(toUInt256(0)), 64)), true, toDecimal64(0, 6), ''), f.exceptions))) AS timeline,
    arrayFilter((v, wanted) -> wanted, arrayReverseFill(v -> NOT v.2, arrayFill(v -> NOT v.2, timeline)), timeline.2) AS worth,
    counted AS
    (
        SELECT * FROM fold_events FINAL WHERE Fold = {fold:String}
    ),
    by_step AS
    (
        SELECT
            Tenant, Flow, CaseId, Step, System, Kind, CostCurrency,
            countIf(Done) AS attempts,
            sumIf(Weight, Done) AS attempt_share,
            countIf(FailedBusiness) AS business,
            countIf(FailedInfrastructure) AS infrastructure,
            countIf(FailedUnclassified) AS unclassified,
            sumIf(Weight, FailedBusiness) AS business_share,
            sumIf(Weight, FailedInfrastructure) AS infrastructure_share,
            sumIf(Weight, FailedUnclassified) AS unclassified_share,
            countIf(Retry) AS retries,
            sumIf(Weight, Retry) AS retry_share,
            sum(CostMicros) AS cost,
            sumIf(CostMicros, Retry) AS retry_cost,
            countIf(Done AND NOT Failed) > 0 AS succeeded,
            countIf(Key != '') AS keyed
        FROM counted
        GROUP BY Tenant, Flow, CaseId, Step, System, Kind, CostCurrency
    ),
    -- What each step of a case comes to.
    step_totals AS
    (
        SELECT
            Tenant, Flow, CaseId,
            arraySort(groupArray((
                Step, System, Kind, CostCurrency, attempts, attempt_share, business, infrastructure, unclassified,
                business_share, infrastructure_share, unclassified_share, retries, retry_share, cost, retry_cost, keyed))) AS totals,
            groupUniqArrayIf((Step, System), succeeded) AS succeeded_steps
        FROM by_step
        GROUP BY Tenant, Flow, CaseId
    ),
    -- The attempts of each step with each object, in order, where they come to more than one that went well.
    chains AS
    (
        SELECT
            Tenant, Flow, CaseId, Chain,
            greatest(countIf(First), 1) - 1 AS repeats,
            any(Step) AS step,
            max(Object) AS object,
            arraySort(groupArrayIf((Moment, Failed, Attempt, Person, (
                Fingerprint, multiIf(FailedBusiness, 'business', FailedInfrastructure, 'infrastructure', 'unclassified'),
                ErrorType, System, TraceId, Span)), Done)) AS tries,
            arraySort(groupArrayIf((Key, End), Key != '' AND NOT Failed)) AS effects
        FROM counted
        GROUP BY Tenant, Flow, CaseId, Chain
        HAVING repeats > 0 OR countIf(Done AND Failed) > 0 OR length(effects) > 1
    ),
    -- A failure is for good unless the same attempts go on after it by themselves. The first such one of failures in a row opens an
    -- exception; the success that ends the row closes it.
    told AS
    (
        SELECT
            Tenant, Flow, CaseId, repeats, step, object, effects,
            arrayMap((t, attempt, person) -> (t.1, t.2, t.2 AND (attempt <= t.3 OR person), t.5),
                tries, arraySlice(arrayPushBack(tries.3, 0), 2), arraySlice(arrayPushBack(tries.4, false), 2)) AS marked,
            arraySplit((t, went_well) -> went_well, marked, arrayPopBack(arrayPushFront(arrayMap(t -> NOT t.2, tries), false))) AS rows,
            arrayFilter(x -> x.2 > 0, arrayMap(row -> (row, arrayFirstIndex(t -> t.3, row)), rows)) AS broken
        FROM chains
    ),
    facts AS
    (
        SELECT
            Tenant, Flow, CaseId,
            sum(repeats) AS repeated,
            arraySort(groupArrayArray(arrayMap(
                x -> (x.1[x.2].1, x.1[x.2].4, step, object,
                    if(x.1[-1].2, toUInt256(0), x.1[-1].1), toUInt32(countEqual(arraySlice(x.1.2, x.2), true))),
                broken))) AS exceptions,
            arraySort(groupArrayArray(arrayMap(
                same -> (same[1].2, same[1].1, step, object, same[-1].2, toUInt32(length(same))),
                arrayFilter(same -> length(same) > 1, arraySplit(
                    (e, last) -> e.1 != last, effects, arrayPopBack(arrayPushFront(effects.1, ''))))))) AS duplicates
        FROM told
        GROUP BY Tenant, Flow, CaseId
    ),
    -- The latest value of each dimension. Most events of a case carry the same dimensions: only the latest of each set is opened.
    latest_dims AS
    (
        SELECT Tenant, Flow, CaseId, CAST((groupArray(name), groupArray(value)), 'Map(LowCardinality(String), String)') AS Dims
        FROM
        (
            SELECT Tenant, Flow, CaseId, name, argMax(value, at) AS value
            FROM
            (
                SELECT Tenant, Flow, CaseId, Dims, max(Moment) AS at
                FROM counted
                WHERE notEmpty(Dims)
                GROUP BY Tenant, Flow, CaseId, Dims
            )
            ARRAY JOIN mapKeys(Dims) AS name, mapValues(Dims) AS value
            GROUP BY Tenant, Flow, CaseId, name
            ORDER BY name
        )
        GROUP BY Tenant, Flow, CaseId
    ),
    by_case AS
    (
        SELECT
            Tenant, Flow, CaseId,
            min(Timestamp) AS first,
            max(End) AS last,
            countIf(Done) AS attempts,
            countIf(Done AND ActorType = 'human') AS human,
            countIf(Done AND ActorType IN ('service', 'service_for_human')) AS service,
            countIf(Done AND ActorType IN ('', 'unknown')) AS unknown,
            countIf(Touch) AS touches,
            countIf(FailedBusiness) AS business,
            countIf(FailedInfrastructure) AS infrastructure,
            countIf(FailedUnclassified) AS unclassified,
            countIf(Retry) AS retries,
            countIf(Done AND Shared) AS shared,
            countIf(Rejection) AS rejections,
            countIf(Correction) AS corrections,
            countIf(Compensation) AS compensations,
            countIf(NOT Done) AS open,
            arraySort(groupArrayIf((Timestamp, Moment, (
                Step, System, Object, Timestamp, ApprovalDueAt, if(Done, End, NULL), Decision, DecidedBy, EscalateTo, OnTimeout,
                TraceId, Span)), Kind = 'approval')) AS approvals,
            arraySort(groupUniqArray(System)) AS systems,
            argMaxIf(FlowVersion, Moment, FlowVersion != '') AS version,
            maxIf(Moment, Ends) AS ended_at,
            argMaxIf(Outcome, Moment, Ends) AS outcome,
            argMaxIf(Step, Moment, Ends) AS ended_step,
            argMaxIf(System, Moment, Ends) AS ended_system,
            argMaxIf(ActorType, Moment, Ends) AS ended_actor_type,
            argMaxIf(ActorId, Moment, Ends) AS ended_actor_id,
            argMaxIf(Failed, Moment, Ends) AS ended_failed,
            maxIf(Moment, Done) AS done_at,
            argMaxIf(Step, Moment, Done) AS done_step,
            argMaxIf(System, Moment, Done) AS done_system,
            argMaxIf(ActorType, Moment, Done) AS done_actor_type,
            argMaxIf(ActorId, Moment, Done) AS done_actor_id,
            argMaxIf(Failed, Moment, Done) AS done_failed,
            maxIf(Moment, NOT Done) AS open_at,
            argMaxIf(Step, Moment, NOT Done) AS open_step,
            argMaxIf(System, Moment, NOT Done) AS open_system,
            argMaxIf(ActorType, Moment, NOT Done) AS open_actor_type,
            argMaxIf(ActorId, Moment, NOT Done) AS open_actor_id,
            arraySort(groupArrayIf((Moment, assumeNotNull(Value), ValueCurrency), isNotNull(Value))) AS values,
            maxIf(Moment, isNotNull(Value)) AS value_at,
            argMaxIf(Value, Moment, isNotNull(Value)) AS value,
            argMaxIf(ValueCurrency, Moment, isNotNull(Value)) AS value_currency
        FROM counted
        GROUP BY Tenant, Flow, CaseId
    )
SELECT
    c.Tenant,
    c.Flow,
    c.CaseId,
    {version:UInt64},
    c.version,
    c.first,
    if(c.ended_at = 0, NULL, ending(c.ended_at)),
    c.last,
    c.outcome,
    d.Dims,
    if(c.value_at = 0, NULL, c.value),
    c.value_currency,
    c.attempts,
    c.human,
    c.service,
    c.unknown,
    c.touches,
    c.attempts,
    c.business,
    c.infrastructure,
    c.unclassified,
    c.retries,
    c.shared,
    c.systems,
    multiIf(c.ended_at != 0, 'finished', c.open > 0, 'in_progress', 'waiting') AS state,
    multiIf(state = 'finished', c.ended_step, state = 'in_progress', c.open_step, c.done_step),
    multiIf(state = 'finished', c.ended_system, state = 'in_progress', c.open_system, c.done_system),
    multiIf(state = 'finished', c.ended_actor_type, state = 'in_progress', c.open_actor_type, c.done_actor_type),
    multiIf(state = 'finished', c.ended_actor_id, state = 'in_progress', c.open_actor_id, c.done_actor_id),
    multiIf(state = 'finished', ending(c.ended_at), state = 'in_progress', beginning(c.open_at), ending(c.done_at)),
    multiIf(state = 'finished', c.ended_failed, state = 'in_progress', false, c.done_failed),
    c.open,
    arrayMap(t -> (
        t.1, t.2, t.3, t.4, t.5, t.6, t.7, t.8, t.9, t.10, t.11, t.12, t.13, t.14,
        reinterpret(t.15, 'Decimal(18, 6)'), reinterpret(t.16, 'Decimal(18, 6)'),
        has(s.succeeded_steps, (t.1, t.2))), s.totals),
    c.ended_at != 0 AND has(if(w.Flow = '', ['completed'], w.Successes), c.outcome),
    if(w.SlaSeconds BETWEEN 1 AND 3000000000, addSeconds(c.first, w.SlaSeconds), NULL),
    f.repeated,
    c.rejections,
    c.corrections,
    c.compensations,
    arrayMap((x, value) -> (
        x.2.1, x.2.2, x.2.3, x.3, x.2.4, x.4, ending(x.1) AS opened,
        multiIf(x.5 != 0, ending(x.5), c.ended_at != 0, greatest(opened, ending(c.ended_at)), NULL),
        multiIf(x.5 != 0, 'recovered', c.ended_at != 0, 'ended', 'open'),
        x.6,
        if(value.2, NULL, value.3),
        if(value.2, '', value.4),
        x.2.5, x.2.6), f.exceptions, worth),
    c.approvals.3,
    arrayMap(x -> (x.2, x.3, x.4, x.6, x.1, x.5), f.duplicates),
    arraySort(arrayFilter(hop -> hop.3 > 0, arrayMap(
        same -> (same[1].2, same[1].1, toUInt32(arraySum(same.5)), toUInt32(arraySum(same.17))),
        arraySplit((t, last) -> (t.1, t.2) != (last.1, last.2), s.totals, arrayPopBack(arrayPushFront(s.totals, s.totals[1]))))))
FROM by_case AS c
INNER JOIN step_totals AS s ON c.Tenant = s.Tenant AND c.Flow = s.Flow AND c.CaseId = s.CaseId
LEFT JOIN latest_dims AS d ON c.Tenant = d.Tenant AND c.Flow = d.Flow AND c.CaseId = d.CaseId
LEFT JOIN facts AS f ON c.Tenant = f.Tenant AND c.Flow = f.Flow AND c.CaseId = f.CaseId
LEFT JOIN (SELECT Tenant, Flow, SlaSeconds, Successes FROM flow_declarations FINAL) AS w ON c.Tenant = w.Tenant AND c.Flow = w.Flow
SETTINGS optimize_and_compare_chain = 0
