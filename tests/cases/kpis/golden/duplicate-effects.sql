-- group_by=: 2 of 2 statements are new.
-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    '' AS Own,
    count() AS Cases,
    countIf(IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    countIf(duplicate) AS duplicate_effects__count_duplicate,
    sum(duplicates) AS duplicate_effects__sum_duplicates,
    sum(surplus) AS duplicate_effects__sum_surplus,
    sum(keyed) AS duplicate_effects__sum_keyed,
    sum(hop_attempts) AS duplicate_effects__sum_hop_attempts
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
        arrayConcat(
            arrayMap(hop -> CAST((hop.Step, hop.System, hop.Attempts, hop.Keyed, false, 0, 0),
                'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
                KeyTotals),
            arrayMap(one -> CAST((one.Step, '', 0, 0, true, 1, one.Effects - 1),
                'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
                if({grouping:String} = 'step', Duplicates, []))) AS hops,
        notEmpty(Duplicates.Key) AS duplicate,
        toUInt64(length(Duplicates.Key)) AS duplicates,
        arraySum(Duplicates.Effects) - duplicates AS surplus,
        arraySum(KeyTotals.Attempts) AS hop_attempts,
        arraySum(KeyTotals.Keyed) AS keyed
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
    uniqExactIf(CaseId, place.duplicate) AS duplicate_effects__count_duplicate,
    sum(place.duplicates) AS duplicate_effects__sum_duplicates,
    sum(place.surplus) AS duplicate_effects__sum_surplus,
    sum(place.keyed) AS duplicate_effects__sum_keyed,
    sum(place.hop_attempts) AS duplicate_effects__sum_hop_attempts
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
        arrayConcat(
            arrayMap(hop -> CAST((hop.Step, hop.System, hop.Attempts, hop.Keyed, false, 0, 0),
                'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
                KeyTotals),
            arrayMap(one -> CAST((one.Step, '', 0, 0, true, 1, one.Effects - 1),
                'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
                if({grouping:String} = 'step', Duplicates, []))) AS hops,
        notEmpty(Duplicates.Key) AS duplicate,
        toUInt64(length(Duplicates.Key)) AS duplicates,
        arraySum(Duplicates.Effects) - duplicates AS surplus,
        arraySum(KeyTotals.Attempts) AS hop_attempts,
        arraySum(KeyTotals.Keyed) AS keyed
    FROM cases FINAL
    WHERE
        Tenant = {tenant:String} AND Flow = {flow:String}
        AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
ARRAY JOIN hops AS place
GROUP BY Bucket, Own, Split0, Split1
LIMIT {limit:UInt32};
