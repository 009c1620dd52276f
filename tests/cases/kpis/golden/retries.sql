-- group_by=: 2 of 2 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(retried) AS retries__count_retried,
    sum(retries) AS retries__sum_retries,
    sum(wasted_retries) AS retries__sum_wasted_retries,
    sumMap(currency, retry_cost) AS retries__money_retry_cost
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
GROUP BY Bucket, Own
LIMIT {limit:UInt32};

-- What are the figures by step and system? A case counts once at each of them, so its counts do not add up.
SELECT
    Bucket,
    '' AS Own,
    place.step AS Split0,
    place.system AS Split1,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    uniqExactIf(CaseId, place.retried) AS retries__count_retried,
    sum(place.retries) AS retries__sum_retries,
    sum(place.wasted_retries) AS retries__sum_wasted_retries,
    sumMap([place.currency], [place.retry_cost]) AS retries__money_retry_cost
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
ARRAY JOIN retried_at AS place
GROUP BY Bucket, Own, Split0, Split1
LIMIT {limit:UInt32};

-- group_by=outcome: 2 of 2 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    Outcome AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(retried) AS retries__count_retried,
    sum(retries) AS retries__sum_retries,
    sum(wasted_retries) AS retries__sum_wasted_retries,
    sumMap(currency, retry_cost) AS retries__money_retry_cost
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
GROUP BY Bucket, Own
LIMIT {limit:UInt32};

-- What are the figures by step and system? A case counts once at each of them, so its counts do not add up.
SELECT
    Bucket,
    Outcome AS Own,
    place.step AS Split0,
    place.system AS Split1,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    uniqExactIf(CaseId, place.retried) AS retries__count_retried,
    sum(place.retries) AS retries__sum_retries,
    sum(place.wasted_retries) AS retries__sum_wasted_retries,
    sumMap([place.currency], [place.retry_cost]) AS retries__money_retry_cost
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
ARRAY JOIN retried_at AS place
GROUP BY Bucket, Own, Split0, Split1
LIMIT {limit:UInt32};
