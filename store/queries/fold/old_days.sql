-- Days of arrivals that are over: what came then is folded once nothing is pending.
SELECT DISTINCT toString(toDate(ArrivedAt)) AS Day
FROM arrivals
WHERE ArrivedAt < toStartOfDay(now('UTC')) - INTERVAL 1 DAY
