-- The fold: a case is a pure function of its events (fold_7_events.sql). Read by the incremental path, by rebuild and by verify
-- alike.
INSERT INTO {cases:Identifier} (
    Tenant, Flow, CaseId, Version, FlowVersion, Start, End, LastEvent, Outcome, Dims, Value, ValueCurrency,
    Events, HumanEvents, ServiceEvents, UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure,
    FailedUnclassified, Retries, SharedEvents, Systems, NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince,
    NowFailed, OpenSteps, StepTotals)
WITH
    moment -> fromUnixTimestamp64Nano(toInt64(bitShiftRight(moment, 128)), 'UTC') AS ending,
    moment -> fromUnixTimestamp64Nano(toInt64(bitAnd(bitShiftRight(moment, 64), 18446744073709551615)), 'UTC') AS beginning,
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
            countIf(Done AND NOT Failed) > 0 AS succeeded
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
                business_share, infrastructure_share, unclassified_share, retries, retry_share, cost, retry_cost))) AS totals,
            groupUniqArrayIf((Step, System), succeeded) AS succeeded_steps
        FROM by_step
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
            countIf(NOT Done) AS open,
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
        has(s.succeeded_steps, (t.1, t.2))), s.totals)
FROM by_case AS c
INNER JOIN step_totals AS s ON c.Tenant = s.Tenant AND c.Flow = s.Flow AND c.CaseId = s.CaseId
LEFT JOIN latest_dims AS d ON c.Tenant = d.Tenant AND c.Flow = d.Flow AND c.CaseId = d.CaseId
