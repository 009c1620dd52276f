-- automated-events, errors-per-1000, retries: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(unnamed) AS automated_events__count_unnamed,
    sum(service_events) AS automated_events__sum_service_events,
    sum(events) AS automated_events__sum_events,
    sum(human_events) AS automated_events__sum_human_events,
    sum(other_events) AS automated_events__sum_other_events,
    sum(unknown_events) AS automated_events__sum_unknown_events,
    countIf(error) AS errors_per_1000__count_error,
    countIf(business) AS errors_per_1000__count_business,
    countIf(infrastructure) AS errors_per_1000__count_infrastructure,
    countIf(unclassified) AS errors_per_1000__count_unclassified,
    sum(failed) AS errors_per_1000__sum_failed,
    sum(attempts) AS errors_per_1000__sum_attempts,
    sum(failed_business) AS errors_per_1000__sum_failed_business,
    sum(failed_infrastructure) AS errors_per_1000__sum_failed_infrastructure,
    sum(failed_unclassified) AS errors_per_1000__sum_failed_unclassified,
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
        UnknownEvents > 0 AS unnamed,
        ServiceEvents AS service_events,
        HumanEvents AS human_events,
        UnknownEvents AS unknown_events,
        Events - ServiceEvents - HumanEvents - UnknownEvents AS other_events,
        Events AS events,
        FailedBusiness > 0 AS business,
        FailedInfrastructure > 0 AS infrastructure,
        FailedUnclassified > 0 AS unclassified,
        business OR infrastructure OR unclassified AS error,
        arraySum(StepTotals.AttemptShare) AS attempts,
        arraySum(StepTotals.FailedBusinessShare) AS failed_business,
        arraySum(StepTotals.FailedInfrastructureShare) AS failed_infrastructure,
        arraySum(StepTotals.FailedUnclassifiedShare) AS failed_unclassified,
        failed_business + failed_infrastructure + failed_unclassified AS failed,
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
