-- What does each case of a run come to? The fold itself: a case is a pure function of its events (fold/8_events.sql). The incremental
-- path, rebuild and verify all use it. Tuples have names here (the last setting); where one is stored, it has those of the column.
INSERT INTO {cases:Identifier} (
    Tenant, Flow, CaseId, Version, FlowVersion, Start, End, LastEvent, Outcome, Dims, Value, ValueCurrency,
    Events, HumanEvents, ServiceEvents, UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure,
    FailedUnclassified, Retries, SharedEvents, Systems, NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince,
    NowFailed, OpenSteps, StepTotals, Success, DueAt, Repeats, Rejections, Corrections, Compensations, Exceptions, Approvals,
    Duplicates, KeyTotals)
WITH
@include(moment),
    -- The values of a case and its exceptions in order of time. Filling forwards, then backwards, gives each exception the value before
    -- it, or else the first one after it. One pass, because a case may have any number of both.
    arraySort(arrayConcat(
        arrayMap(v -> (v.Moment AS at, false AS of_exception, v.Amount AS amount, v.Currency AS currency), if(empty(f.exceptions), [], c.values)),
        arrayMap(x -> (last_of_its_end(x.opened) AS at, true AS of_exception, toDecimal64(0, 6) AS amount, '' AS currency), f.exceptions)
    )) AS timeline,
    arrayReverseFill(entry -> NOT entry.of_exception, arrayFill(entry -> NOT entry.of_exception, timeline)) AS filled,
    -- For each exception, in their order. Where the case has no value at all, the entry is the exception itself.
    arrayFilter((entry, of_exception) -> of_exception, filled, timeline.of_exception) AS worth,
    counted AS
    (
        SELECT * FROM fold_events FINAL WHERE Fold = {run:String}
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
    -- What each step of a case at a system comes to.
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
    -- The attempts of each step with each object, in order. A chain that is one successful attempt has nothing to say and is left out.
    chains AS
    (
        SELECT
            Tenant, Flow, CaseId, Chain,
            greatest(countIf(First), 1) - 1 AS repeats,
            any(Step) AS step,
            max(Object) AS object,
            arraySort(groupArrayIf((Moment, Failed, Attempt, Person, (
                Fingerprint, multiIf(FailedBusiness, 'business', FailedInfrastructure, 'infrastructure', 'unclassified') AS Class,
                ErrorType, System, TraceId, Span) AS Error), Done)) AS tries,
            arraySort(groupArrayIf((Key, End), Key != '' AND NOT Failed)) AS effects
        FROM counted
        GROUP BY Tenant, Flow, CaseId, Chain
        HAVING repeats > 0 OR countIf(Done AND Failed) > 0 OR length(effects) > 1
    ),
    -- A failure is final unless an automatic retry follows it: an attempt with a higher number, without a person. The first final one of
    -- failures in a row opens an exception; the success that ends the row closes it.
    broken_chains AS
    (
        SELECT
            Tenant, Flow, CaseId, repeats, step, object, effects,
            -- Beside each attempt stands the number of the next one, 0 after the last, and whether a person began that.
            arrayMap((t, next_attempt, by_person) -> (
                    t.Moment AS Moment, t.Failed AS Failed, t.Failed AND (next_attempt <= t.Attempt OR by_person) AS Final, t.Error AS Error),
                tries, arraySlice(arrayPushBack(tries.Attempt, 0), 2), arraySlice(arrayPushBack(tries.Person, false), 2)) AS marked,
            -- A row is cut after each success: it ends with one, but for the last row.
            arraySplit((t, after_success) -> after_success, marked,
                arrayPopBack(arrayPushFront(arrayMap(t -> NOT t.Failed, tries), false))) AS rows,
            arrayFilter(x -> x.opening > 0,
                arrayMap(row -> (row AS tries, arrayFirstIndex(t -> t.Final, row) AS opening), rows)) AS broken
        FROM chains
    ),
    facts AS
    (
        SELECT
            Tenant, Flow, CaseId,
            sum(repeats) AS repeated,
            -- recovered is the moment of the success that closed it, 0 for none.
            arraySort(groupArrayArray(arrayMap(
                x -> (
                    x.tries[x.opening].Moment AS opened, x.tries[x.opening].Error AS error, step, object,
                    if(x.tries[-1].Failed, toUInt256(0), x.tries[-1].Moment) AS recovered,
                    toUInt32(countEqual(arraySlice(x.tries.Failed, x.opening), true)) AS failures),
                broken))) AS exceptions,
            -- Effects are sorted by key, so those of one key stand together.
            arraySort(groupArrayArray(arrayMap(
                same -> (
                    same[1].End AS first_end, same[1].Key AS key, step, object, same[-1].End AS last_end, toUInt32(length(same)) AS times),
                arrayFilter(same -> length(same) > 1, arraySplit(
                    (effect, key_before) -> effect.Key != key_before, effects, arrayPopBack(arrayPushFront(effects.Key, ''))))))) AS duplicates
        FROM broken_chains
        GROUP BY Tenant, Flow, CaseId
    ),
    -- The latest value of each dimension. Most events of a case carry the same dimensions, so only the latest of each set is opened.
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
                Step, System, Object, Timestamp AS RequestedAt, ApprovalDueAt AS DueAt, if(Done, End, NULL) AS DecidedAt, Decision, DecidedBy,
                EscalateTo, OnTimeout, TraceId, Span AS SpanId) AS Approval), Kind = 'approval')) AS approvals,
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
            arraySort(groupArrayIf((Moment, assumeNotNull(Value) AS Amount, ValueCurrency AS Currency), isNotNull(Value))) AS values,
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
        t.Step AS Step, t.System AS System, t.Kind AS Kind, t.CostCurrency AS CostCurrency,
        t.attempts AS Attempts, t.attempt_share AS AttemptShare,
        t.business AS FailedBusiness, t.infrastructure AS FailedInfrastructure, t.unclassified AS FailedUnclassified,
        t.business_share AS FailedBusinessShare, t.infrastructure_share AS FailedInfrastructureShare,
        t.unclassified_share AS FailedUnclassifiedShare, t.retries AS Retries, t.retry_share AS RetryShare,
        reinterpret(t.cost, 'Decimal(18, 6)') AS Cost, reinterpret(t.retry_cost, 'Decimal(18, 6)') AS RetryCost,
        has(s.succeeded_steps, (t.Step, t.System)) AS Succeeded), s.totals),
    c.ended_at != 0 AND has(if(w.Flow = '', ['completed'], w.Successes), c.outcome),
    if(w.SlaSeconds BETWEEN 1 AND 3000000000, addSeconds(c.first, w.SlaSeconds), NULL),
    f.repeated,
    c.rejections,
    c.corrections,
    c.compensations,
    arrayMap((x, value) -> (
        x.error.Fingerprint AS Fingerprint, x.error.Class AS Class, x.error.ErrorType AS Code, x.step AS Step, x.error.System AS System,
        x.object AS Object, ending(x.opened) AS OpenedAt,
        -- The end of the case closes what no success closed; not before it opened, should an event come after the end.
        multiIf(x.recovered != 0, ending(x.recovered), c.ended_at != 0, greatest(OpenedAt, ending(c.ended_at)), NULL) AS ClosedAt,
        multiIf(x.recovered != 0, 'recovered', c.ended_at != 0, 'ended', 'open') AS State,
        x.failures AS Attempts,
        if(value.of_exception, NULL, value.amount) AS Value,
        if(value.of_exception, '', value.currency) AS ValueCurrency,
        x.error.TraceId AS TraceId, x.error.Span AS SpanId), f.exceptions, worth),
    c.approvals.Approval,
    arrayMap(x -> (
        x.key AS Key, x.step AS Step, x.object AS Object, x.times AS Effects, x.first_end AS First, x.last_end AS Last), f.duplicates),
    -- Totals are sorted by step and system, so those of one step at one system stand together.
    arraySort(arrayFilter(hop -> hop.Attempts > 0, arrayMap(
        same -> (
            same[1].System AS System, same[1].Step AS Step,
            toUInt32(arraySum(same.attempts)) AS Attempts, toUInt32(arraySum(same.keyed)) AS Keyed),
        arraySplit((t, before) -> (t.Step, t.System) != (before.Step, before.System),
            s.totals, arrayPopBack(arrayPushFront(s.totals, s.totals[1]))))))
FROM by_case AS c
INNER JOIN step_totals AS s ON c.Tenant = s.Tenant AND c.Flow = s.Flow AND c.CaseId = s.CaseId
LEFT JOIN latest_dims AS d ON c.Tenant = d.Tenant AND c.Flow = d.Flow AND c.CaseId = d.CaseId
LEFT JOIN facts AS f ON c.Tenant = f.Tenant AND c.Flow = f.Flow AND c.CaseId = f.CaseId
LEFT JOIN (SELECT Tenant, Flow, SlaSeconds, Successes FROM flow_declarations FINAL) AS w ON c.Tenant = w.Tenant AND c.Flow = w.Flow
SETTINGS optimize_and_compare_chain = 0, enable_named_columns_in_function_tuple = 1
