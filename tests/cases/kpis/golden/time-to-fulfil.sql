-- group_by=: 5 of 5 statements are new.
-- At which time does the Kaplan-Meier curve of each group of rows fall to the given shares? Levels as in kpis/things.sql.
--
-- Keys are the follow-up times in order: twice the nanoseconds, plus 1 for a row that is not over, so that of equal times the end comes first.
-- If every row were over, S after the i-th of n would be (n-i)/n; one that is not over, at rank p, multiplies it by (n-p+1)/(n-p) from there
-- on. Between two such ranks the equation is solved directly, so arrays are no longer than the number of rows that are not over.
-- First and FirstSurely are the ranks at which S has fallen to the share within ±tolerance: where they differ, the caller decides in integers.
-- Ranks count from 1; 0 means that the curve does not fall that far.
SELECT
    Level,
    Bucket,
    Own,
    Cases,
    length(Open) AS InFlight,
    intDiv(Keys[-1], 2) AS Followed,
    First,
    FirstSurely,
    arrayMap(i -> intDiv(Keys[i], 2), First) AS Times,
    arrayMap(i -> intDiv(Keys[i], 2), FirstSurely) AS TimesSurely,
    if(First = FirstSurely, [], arrayFilter(p -> p < arrayMax(First), Open)) AS OpenBefore,
    Oldest
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
            if(Level = 0, RowBucket, 0) AS Bucket,
            if(Level = 3, '', RowOwn) AS Own,
            toInt64(count()) AS Cases,
            minIf(Since, NOT Over) AS Oldest,
            arraySort(groupArray(Key)) AS Keys,
            arrayFilter((p, key) -> key % 2 = 1, arrayMap(p -> toInt64(p), arrayEnumerate(Keys)), Keys) AS Open,
            arrayPushFront(Open, toInt64(0)) AS After,
            arrayPushBack(Open, Cases + 1) AS Before,
            arrayPushFront(arrayMap(rise -> exp(rise), arrayCumSum(p -> log((Cases - p + 1) / (Cases - p)), Open)), 1.) AS Rise
        FROM
        (
            SELECT
                * EXCEPT (Bucket),
                Bucket AS RowBucket,
                '' AS RowOwn,
                2 * greatest(Upto - Since, 0) + NOT Over AS Key
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
                    NOT IsOpen AS Over,
                    Began AS Since,
                    if(IsOpen, {as_of:Int64}, toUnixTimestamp64Nano(assumeNotNull(End))) AS Upto
                FROM cases FINAL
                WHERE
                    Tenant = {tenant:String} AND Flow = {flow:String}
                    AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
            )
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, Bucket, Own
        LIMIT {limit:UInt32}
    )
);

-- What are the exact percentiles of how long the rows took? quantileExact takes the value at rank floor(q * n) + 1. Levels as in
-- kpis/things.sql.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    count() AS Finished,
    quantilesExact(0.5, 0.9)(Elapsed) AS Times
FROM
(
    SELECT
        * EXCEPT (Bucket),
        Bucket AS RowBucket,
        '' AS RowOwn,
        greatest(Upto - Since, 0) AS Elapsed
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
            NOT IsOpen AS Over,
            Began AS Since,
            if(IsOpen, {as_of:Int64}, toUnixTimestamp64Nano(assumeNotNull(End))) AS Upto
        FROM cases FINAL
        WHERE
            Tenant = {tenant:String} AND Flow = {flow:String}
            AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own
LIMIT {limit:UInt32};

-- When did the first of the cases begin that started or ended in the window or later? Older versions of a case are read as well, so the
-- answer may be too early, never too late.
SELECT min(toUnixTimestamp64Nano(Start)) AS First, count() AS Cases
FROM cases
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND (Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') OR End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC'));

-- At which time does the Kaplan-Meier curve of each group of rows fall to the given shares? Levels as in kpis/things.sql.
--
-- Keys are the follow-up times in order: twice the nanoseconds, plus 1 for a row that is not over, so that of equal times the end comes first.
-- If every row were over, S after the i-th of n would be (n-i)/n; one that is not over, at rank p, multiplies it by (n-p+1)/(n-p) from there
-- on. Between two such ranks the equation is solved directly, so arrays are no longer than the number of rows that are not over.
-- First and FirstSurely are the ranks at which S has fallen to the share within ±tolerance: where they differ, the caller decides in integers.
-- Ranks count from 1; 0 means that the curve does not fall that far.
SELECT
    Level,
    Bucket,
    Own,
    Cases,
    length(Open) AS InFlight,
    intDiv(Keys[-1], 2) AS Followed,
    First,
    FirstSurely,
    arrayMap(i -> intDiv(Keys[i], 2), First) AS Times,
    arrayMap(i -> intDiv(Keys[i], 2), FirstSurely) AS TimesSurely,
    if(First = FirstSurely, [], arrayFilter(p -> p < arrayMax(First), Open)) AS OpenBefore,
    Oldest
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
            if(Level = 0, RowBucket, 0) AS Bucket,
            if(Level = 3, '', RowOwn) AS Own,
            toInt64(count()) AS Cases,
            minIf(Since, NOT Over) AS Oldest,
            arraySort(groupArray(Key)) AS Keys,
            arrayFilter((p, key) -> key % 2 = 1, arrayMap(p -> toInt64(p), arrayEnumerate(Keys)), Keys) AS Open,
            arrayPushFront(Open, toInt64(0)) AS After,
            arrayPushBack(Open, Cases + 1) AS Before,
            arrayPushFront(arrayMap(rise -> exp(rise), arrayCumSum(p -> log((Cases - p + 1) / (Cases - p)), Open)), 1.) AS Rise
        FROM
        (
            SELECT
                * EXCEPT (Bucket),
                Bucket AS RowBucket,
                '' AS RowOwn,
                2 * greatest((1000000000 * (transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, arrayCumSum({lengths:Array(Int64)}), toInt64(0)) - transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0))) + least(greatest(Upto - 1000000000 * roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), 0), 1000000000 * transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0)))) - (1000000000 * (transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, arrayCumSum({lengths:Array(Int64)}), toInt64(0)) - transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0))) + least(greatest(Since - 1000000000 * roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), 0), 1000000000 * transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0)))), 0) + NOT Over AS Key
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
                    NOT IsOpen AS Over,
                    Began AS Since,
                    if(IsOpen, {as_of:Int64}, toUnixTimestamp64Nano(assumeNotNull(End))) AS Upto
                FROM cases FINAL
                WHERE
                    Tenant = {tenant:String} AND Flow = {flow:String}
                    AND Start >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
            )
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, Bucket, Own
        LIMIT {limit:UInt32}
    )
);

-- What are the exact percentiles of how long the rows took? quantileExact takes the value at rank floor(q * n) + 1. Levels as in
-- kpis/things.sql.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    count() AS Finished,
    quantilesExact(0.5, 0.9)(Elapsed) AS Times
FROM
(
    SELECT
        * EXCEPT (Bucket),
        Bucket AS RowBucket,
        '' AS RowOwn,
        greatest((1000000000 * (transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, arrayCumSum({lengths:Array(Int64)}), toInt64(0)) - transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0))) + least(greatest(Upto - 1000000000 * roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), 0), 1000000000 * transform(roundDown(intDiv(Upto, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0)))) - (1000000000 * (transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, arrayCumSum({lengths:Array(Int64)}), toInt64(0)) - transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0))) + least(greatest(Since - 1000000000 * roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), 0), 1000000000 * transform(roundDown(intDiv(Since, 1000000000), {opens:Array(Int64)}), {opens:Array(Int64)}, {lengths:Array(Int64)}, toInt64(0)))), 0) AS Elapsed
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
            NOT IsOpen AS Over,
            Began AS Since,
            if(IsOpen, {as_of:Int64}, toUnixTimestamp64Nano(assumeNotNull(End))) AS Upto
        FROM cases FINAL
        WHERE
            Tenant = {tenant:String} AND Flow = {flow:String}
            AND End >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND End < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own
LIMIT {limit:UInt32};
