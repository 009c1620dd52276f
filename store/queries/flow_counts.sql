-- Cases per flow, however many: FINAL, because a case folded again stands in the table twice until it is merged.
SELECT
    Flow,
    arraySort(groupUniqArray(FlowVersion)) AS Versions,
    count() AS Cases,
    countIf(End IS NULL) AS InFlight,
    min(Start) AS FirstStart,
    max(cases.LastEvent) AS LastEvent
FROM cases FINAL
WHERE Tenant = {tenant:String}
GROUP BY Flow
