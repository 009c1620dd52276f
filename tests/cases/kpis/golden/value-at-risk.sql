-- group_by=: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(recovered) AS value_at_risk__count_recovered,
    countIf(lost) AS value_at_risk__count_lost,
    countIf(undecided) AS value_at_risk__count_undecided,
    countIf(unvalued) AS value_at_risk__count_unvalued,
    sumMap(currency, at_risk) AS value_at_risk__money_at_risk,
    sumMap(currency, recovered_value) AS value_at_risk__money_recovered,
    sumMap(currency, lost_value) AS value_at_risk__money_lost,
    sumMap(currency, undecided_value) AS value_at_risk__money_undecided
FROM
(
    SELECT
        CaseId,
        Dims,
        Outcome,
        toUnixTimestamp64Nano(Start) AS Began,
        roundDown(At, {edges:Array(Int64)}) AS Bucket,
        End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
        toUnixTimestamp64Nano(arrayMin(Exceptions.OpenedAt)) AS At,
        NOT IsOpen AND Success AS recovered,
        NOT IsOpen AND NOT Success AS lost,
        IsOpen AS undecided,
        -- The exception that opened first.
        arraySort((place, opened) -> opened, arrayEnumerate(Exceptions.OpenedAt), Exceptions.OpenedAt)[1] AS first,
        Exceptions.Value[first] AS value,
        isNull(value) AS unvalued,
        [Exceptions.ValueCurrency[first]] AS currency,
        [ifNull(value, 0)] AS at_risk,
        [if(recovered, ifNull(value, 0), 0)] AS recovered_value,
        [if(lost, ifNull(value, 0), 0)] AS lost_value,
        [if(undecided, ifNull(value, 0), 0)] AS undecided_value
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        AND notEmpty(Exceptions.OpenedAt) AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
        AND At >= {since:Int64} AND At < {until:Int64}
)
GROUP BY Bucket, Own
LIMIT {limit:UInt32};
