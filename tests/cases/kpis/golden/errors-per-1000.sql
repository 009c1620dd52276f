-- group_by=: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(error) AS errors_per_1000__count_error,
    countIf(business) AS errors_per_1000__count_business,
    countIf(infrastructure) AS errors_per_1000__count_infrastructure,
    countIf(unclassified) AS errors_per_1000__count_unclassified,
    sum(failed) AS errors_per_1000__sum_failed,
    sum(attempts) AS errors_per_1000__sum_attempts,
    sum(failed_business) AS errors_per_1000__sum_failed_business,
    sum(failed_infrastructure) AS errors_per_1000__sum_failed_infrastructure,
    sum(failed_unclassified) AS errors_per_1000__sum_failed_unclassified
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
        FailedBusiness > 0 AS business,
        FailedInfrastructure > 0 AS infrastructure,
        FailedUnclassified > 0 AS unclassified,
        business OR infrastructure OR unclassified AS error,
        arraySum(StepTotals.AttemptShare) AS attempts,
        arraySum(StepTotals.FailedBusinessShare) AS failed_business,
        arraySum(StepTotals.FailedInfrastructureShare) AS failed_infrastructure,
        arraySum(StepTotals.FailedUnclassifiedShare) AS failed_unclassified,
        failed_business + failed_infrastructure + failed_unclassified AS failed
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
GROUP BY Bucket, Own
LIMIT {limit:UInt32};
