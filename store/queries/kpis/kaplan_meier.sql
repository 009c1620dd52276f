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
    @split_columns
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
            @split
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
                @own AS RowOwn,
                2 * @elapsed + NOT Over AS Key
            FROM
            (
                @rows
            )
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, Bucket, Own@split_keys
        LIMIT {limit:UInt32}
    )
)
