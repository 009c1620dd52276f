-- band=finished: 2 of 2 statements are new.
-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                false AS IsOpen,
                true AS counted
            FROM cases FINAL
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        )
        WHERE true
    )
    AND (Start < fromUnixTimestamp64Nano({after:Int64}, 'UTC') OR (Start = fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND CaseId > {after_case:String}))
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32};

-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        false AS IsOpen,
        true AS counted
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
WHERE true;

-- kpi=retries group={"step":"pick","system":"wms"} band=wasted: 2 of 2 statements are new.
-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                Began AS At,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                -- Most cases have no retry: only what was retried is looked at.
                arrayFilter(i -> StepTotals.Retries[i] > 0, arrayEnumerate(StepTotals.Retries)) AS tried,
                if(empty(tried), [], arrayFilter((at, ok) -> ok, arrayZip(StepTotals.Step, StepTotals.System), StepTotals.Succeeded)) AS good,
                arrayMap(
                    i -> CAST(
                        (StepTotals.Step[i], StepTotals.System[i], true, NOT has(good, (StepTotals.Step[i], StepTotals.System[i])),
                            StepTotals.RetryShare[i], if(has(good, (StepTotals.Step[i], StepTotals.System[i])), 0, StepTotals.RetryShare[i]),
                            StepTotals.CostCurrency[i], StepTotals.RetryCost[i]),
                        'Tuple(step String, system String, retried Bool, wasted Bool, retries UInt64, wasted_retries UInt64,
                            currency String, retry_cost Decimal(18, 6))'),
                    tried) AS retried_at,
                Retries > 0 AS retried,
                arrayExists(place -> place.wasted, retried_at) AS wasted,
                arraySum(place -> place.retries, retried_at) AS retries,
                arraySum(place -> place.wasted_retries, retried_at) AS wasted_retries,
                retried_at.currency AS currency,
                retried_at.retry_cost AS retry_cost
            FROM cases FINAL
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        )
        WHERE true
            AND arrayExists(place -> place.step = {step:String} AND place.system = {system:String} AND place.wasted, retried_at)
    )
    AND (Start < fromUnixTimestamp64Nano({after:Int64}, 'UTC') OR (Start = fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND CaseId > {after_case:String}))
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32};

-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        Began AS At,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        -- Most cases have no retry: only what was retried is looked at.
        arrayFilter(i -> StepTotals.Retries[i] > 0, arrayEnumerate(StepTotals.Retries)) AS tried,
        if(empty(tried), [], arrayFilter((at, ok) -> ok, arrayZip(StepTotals.Step, StepTotals.System), StepTotals.Succeeded)) AS good,
        arrayMap(
            i -> CAST(
                (StepTotals.Step[i], StepTotals.System[i], true, NOT has(good, (StepTotals.Step[i], StepTotals.System[i])),
                    StepTotals.RetryShare[i], if(has(good, (StepTotals.Step[i], StepTotals.System[i])), 0, StepTotals.RetryShare[i]),
                    StepTotals.CostCurrency[i], StepTotals.RetryCost[i]),
                'Tuple(step String, system String, retried Bool, wasted Bool, retries UInt64, wasted_retries UInt64,
                    currency String, retry_cost Decimal(18, 6))'),
            tried) AS retried_at,
        Retries > 0 AS retried,
        arrayExists(place -> place.wasted, retried_at) AS wasted,
        arraySum(place -> place.retries, retried_at) AS retries,
        arraySum(place -> place.wasted_retries, retried_at) AS wasted_retries,
        retried_at.currency AS currency,
        retried_at.retry_cost AS retry_cost
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
WHERE true
    AND arrayExists(place -> place.step = {step:String} AND place.system = {system:String} AND place.wasted, retried_at);

-- kpi=exceptions group={"class":"business","channel":"web"} band=recovered: 2 of 2 statements are new.
-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                class,
                code,
                step,
                system,
                opened_at,
                toUnixTimestamp64Nano(opened_at) AS At,
                isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
                At AS Since,
                if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
                1 AS opened,
                Over AS resolved,
                Over AND state = 'recovered' AS recovered
            FROM cases FINAL
            ARRAY JOIN
                Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                -- Whatever happened in a case happened no later than its last event; this is looked at first.
                AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
        )
        WHERE true
            AND Dims[{dim_0:String}] = {value_0:String}
            AND class = {value_1:String}
            AND recovered
    )
    AND (Start < fromUnixTimestamp64Nano({after:Int64}, 'UTC') OR (Start = fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND CaseId > {after_case:String}))
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32};

-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        class,
        code,
        step,
        system,
        opened_at,
        toUnixTimestamp64Nano(opened_at) AS At,
        isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
        At AS Since,
        if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
        1 AS opened,
        Over AS resolved,
        Over AND state = 'recovered' AS recovered
    FROM cases FINAL
    ARRAY JOIN
        Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
        Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        -- Whatever happened in a case happened no later than its last event; this is looked at first.
        AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
)
WHERE true
    AND Dims[{dim_0:String}] = {value_0:String}
    AND class = {value_1:String}
    AND recovered;

-- kpi=exceptions group={"class":"business"} band=backlog: 2 of 2 statements are new.
-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                class,
                code,
                step,
                system,
                toUnixTimestamp64Nano(opened_at) AS Since,
                Since AS At,
                if(isNull(closed_at), 9223372036854775807, toUnixTimestamp64Nano(assumeNotNull(closed_at))) AS Upto,
                value AS amount,
                currency
            FROM cases FINAL
            ARRAY JOIN
                Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.Value AS value, Exceptions.ValueCurrency AS currency
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                AND Since < {until:Int64} AND Upto >= {since:Int64}
        )
        WHERE true
            AND class = {value_0:String}
    )
    AND (Start < fromUnixTimestamp64Nano({after:Int64}, 'UTC') OR (Start = fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND CaseId > {after_case:String}))
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32};

-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        class,
        code,
        step,
        system,
        toUnixTimestamp64Nano(opened_at) AS Since,
        Since AS At,
        if(isNull(closed_at), 9223372036854775807, toUnixTimestamp64Nano(assumeNotNull(closed_at))) AS Upto,
        value AS amount,
        currency
    FROM cases FINAL
    ARRAY JOIN
        Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
        Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.Value AS value, Exceptions.ValueCurrency AS currency
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        AND Since < {until:Int64} AND Upto >= {since:Int64}
)
WHERE true
    AND class = {value_0:String};

-- kpi=first-time-right group={"channel":"web","outcome":"completed"} band=right: 2 of 2 statements are new.
-- Which cases are behind a figure? A page of them, newest start first. The rows are those that the figure counts, the conditions those of
-- the point; both come from cases/kpis/filters.py, values as parameters.
SELECT
    Flow, CaseId, Start, End, Outcome, Value, ValueCurrency,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, NowSince, NowFailed, OpenSteps,
    Success, DueAt, length(Exceptions.State) AS ExceptionsAll, countEqual(Exceptions.State, 'open') AS ExceptionsOpen,
    toUnixTimestamp64Nano(Start) AS Began
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND CaseId IN
    (
        SELECT CaseId
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                false AS IsOpen,
                Success AS succeeded,
                Success AND Repeats > 0 AS repeated,
                Success AND Rejections > 0 AS rejected,
                Success AND Corrections > 0 AS corrected,
                Success AND Compensations > 0 AS compensated,
                Success AND NOT (repeated OR rejected OR corrected OR compensated) AS right_first_time
            FROM cases FINAL
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        )
        WHERE true
            AND Dims[{dim_0:String}] = {value_0:String}
            AND Outcome = {outcome:String}
            AND succeeded
            AND right_first_time
    )
    AND (Start < fromUnixTimestamp64Nano({after:Int64}, 'UTC') OR (Start = fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND CaseId > {after_case:String}))
ORDER BY Start DESC, CaseId
LIMIT {limit:UInt32};

-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        toUnixTimestamp64Nano(assumeNotNull(End)) AS At,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        false AS IsOpen,
        Success AS succeeded,
        Success AND Repeats > 0 AS repeated,
        Success AND Rejections > 0 AS rejected,
        Success AND Corrections > 0 AS corrected,
        Success AND Compensations > 0 AS compensated,
        Success AND NOT (repeated OR rejected OR corrected OR compensated) AS right_first_time
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
WHERE true
    AND Dims[{dim_0:String}] = {value_0:String}
    AND Outcome = {outcome:String}
    AND succeeded
    AND right_first_time;
