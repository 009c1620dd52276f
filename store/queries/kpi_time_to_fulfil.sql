-- Where the Kaplan-Meier curve of each cohort falls to 1/2 and to 1/10. Level 0: bucket and group, 1: group, 2: everything.
-- Keys are the follow-up times in order: twice the nanoseconds, plus 1 for a case in flight, so that of equal times the end
-- comes first. With every case taken for ended, S after the i-th of n is (n-i)/n; a case in flight at rank p puts the
-- factor (n-p+1)/(n-p) back. Ranks between two cases in flight are solved at once, hence arrays no longer than those.
-- First… is the rank at which S has fallen to the share within ±tolerance: where the two differ, the caller decides in
-- integers. Ranks count from 1; 0 means that the curve does not get there.
SELECT
    Level,
    Bucket,
    GroupValue,
    Cases,
    length(Open) AS InFlight,
    Oldest,
    intDiv(Keys[-1], 2) AS Followed,
    First,
    FirstSurely,
    arrayMap(i -> intDiv(Keys[i], 2), First) AS Times,
    arrayMap(i -> intDiv(Keys[i], 2), FirstSurely) AS TimesSurely,
    if(First = FirstSurely, [], arrayFilter(p -> p < arrayMax(First), Open)) AS OpenBefore
FROM
(
    SELECT
        *,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 + {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS First,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 - {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS FirstSurely
    FROM
    (
        SELECT
            Level,
            Bucket,
            GroupValue,
            toInt64(count()) AS Cases,
            maxIf(intDiv(Key, 2), Key % 2 = 1) AS Oldest,
            arraySort(groupArray(Key)) AS Keys,
            arrayFilter((p, key) -> key % 2 = 1, arrayMap(p -> toInt64(p), arrayEnumerate(Keys)), Keys) AS Open,
            arrayPushFront(Open, toInt64(0)) AS After,
            arrayPushBack(Open, Cases + 1) AS Before,
            arrayPushFront(arrayMap(rise -> exp(rise), arrayCumSum(p -> log((Cases - p + 1) / (Cases - p)), Open)), 1.) AS Rise
        FROM
        (
            SELECT
                toUnixTimestamp64Nano(Start) AS Began,
                roundDown(Began, {edges:Array(Int64)}) AS StartBucket,
                if(End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC'),
                    2 * ({as_of:Int64} - Began) + 1,
                    2 * greatest(toUnixTimestamp64Nano(assumeNotNull(End)) - Began, 0)) AS Key,
                if({grouping:String} = 'dimension', Dims[{dimension:String}], '') AS Own
            FROM cases FINAL
            WHERE Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, if(Level = 0, StartBucket, 0) AS Bucket, if(Level = 2, '', Own) AS GroupValue
        LIMIT {limit:UInt32}
    )
)
