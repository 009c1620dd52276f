-- Which measures has a flow? The latest value is that of any series. A value that was sent twice changes nothing here, so no FINAL. A
-- cumulative sum that only grows is a counter, one that also falls is a level.
SELECT
    Measure,
    multiIf(Kind != 'cumulative', Kind, Monotonic, 'counter', 'level') AS Sent,
    Unit,
    arraySort(groupUniqArrayArray(mapKeys(Dims))) AS DimNames,
    uniqExact(Series) AS SeriesCount,
    min(Time) AS FirstTime,
    max(Time) AS LastTime,
    argMax(Value, (Time, ReceivedAt)) AS LastValue
FROM measures
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
GROUP BY Measure, Sent, Unit
ORDER BY Measure, Sent, Unit
