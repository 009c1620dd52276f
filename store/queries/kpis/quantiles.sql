-- What are the exact percentiles of how long the rows took? quantileExact takes the value at rank floor(q * n) + 1. Levels as in
-- kpis/things.sql.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    @split
    count() AS Finished,
    quantilesExact(0.5, 0.9)(Elapsed) AS Times
FROM
(
    SELECT
        * EXCEPT (Bucket),
        Bucket AS RowBucket,
        @own AS RowOwn,
        @elapsed AS Elapsed
    FROM
    (
        @rows
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own@split_keys
LIMIT {limit:UInt32}
