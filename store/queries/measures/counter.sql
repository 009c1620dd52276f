-- By how much did each series of a counter grow per bucket? Growth between two values of one start counts at the end of that time, just
-- before the later value, so that a value at midnight closes the day that ends. Values of different starts are different counters, also when
-- they alternate: two instances that do not name themselves. Of the values before the window only the latest of each is needed.
SELECT
    roundDown(At, {edges:Array(Int64)}) AS Bucket,
    if({dimension:String} = '', '', Dims[{dimension:String}]) AS GroupValue,
    Series,
    count() AS Points,
    sum(Grown) AS Total,
    min(Grown) AS Least,
    max(Grown) AS Most,
    argMax(Grown, At) AS Last,
    max(At) AS LastNs
FROM
(
    SELECT
        Series, Dims, At,
        lagInFrame(toNullable(Value)) OVER (PARTITION BY Series, StartTime ORDER BY At ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS Before,
        multiIf(Before IS NULL, if(Known, Value, Value - Value), Value < Before, Value, Value - assumeNotNull(Before)) AS Grown
    FROM
    (
        SELECT
            Series, StartTime, Dims, Value,
            toUnixTimestamp64Nano(Time) - 1 AS At,
            StartTime < Time AND toUnixTimestamp64Nano(StartTime) > 0 AS Known
        FROM measures FINAL
        WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Measure = {measure:String}
            AND Kind = 'cumulative' AND Monotonic AND Unit = {unit:String}
            AND Time > fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Time <= fromUnixTimestamp64Nano({until:Int64}, 'UTC')
        UNION ALL
        SELECT Series, StartTime, any(Dims), argMax(Value, (Time, ReceivedAt)), {since:Int64} - 1, 0
        FROM measures
        WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Measure = {measure:String}
            AND Kind = 'cumulative' AND Monotonic AND Unit = {unit:String}
            AND Time <= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
        GROUP BY Series, StartTime
    )
)
WHERE At >= {since:Int64} AND At < {until:Int64}
GROUP BY Bucket, GroupValue, Series
LIMIT {limit:UInt32}
