-- How many values did each rule change in the last days, by tenant and signal?
SELECT Tenant AS tenant, Signal AS signal, Rule AS rule, sum(Count) AS count, min(Day) AS first, max(Day) AS last
FROM redactions
WHERE dateDiff('day', Day, today()) < {days:UInt16}
GROUP BY Tenant, Signal, Rule
ORDER BY tenant, signal, count DESC, rule
