-- What did each series of a measure report per bucket? A value of a delta counts at the end of the time it is about, just before its own
-- time, so that a report at midnight belongs to the day that ends. {edges} as in kpis/counts.sql.
SELECT
    roundDown(At, {edges:Array(Int64)}) AS Bucket,
    if({dimension:String} = '', '', Dims[{dimension:String}]) AS GroupValue,
    Series,
    count() AS Points,
    sum(Value) AS Total,
    min(Value) AS Least,
    max(Value) AS Most,
    argMax(Value, At) AS Last,
    max(At) AS LastNs
FROM
(
    SELECT
        toUnixTimestamp64Nano(Time) - (Kind = 'delta' AND StartTime < Time AND toUnixTimestamp64Nano(StartTime) > 0) AS At,
        Dims, Series, Value
    FROM measures FINAL
    WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Measure = {measure:String}
        AND if(Kind = 'cumulative', 'level', Kind) = {kind:String} AND NOT (Kind = 'cumulative' AND Monotonic) AND Unit = {unit:String}
        AND Time >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND Time <= fromUnixTimestamp64Nano({until:Int64}, 'UTC')
)
WHERE At >= {since:Int64} AND At < {until:Int64}
GROUP BY Bucket, GroupValue, Series
LIMIT {limit:UInt32}
