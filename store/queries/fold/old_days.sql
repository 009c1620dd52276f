-- Which days of arrivals are over? What came on them is folded once nothing is pending.
SELECT DISTINCT toString(toDate(ArrivedAt)) AS Day
FROM arrivals
WHERE ArrivedAt < toStartOfDay(now('UTC')) - INTERVAL 1 DAY
