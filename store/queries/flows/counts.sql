-- Cases per flow, or of one if {flow} is not empty. However many: FINAL, because a case folded again stands in the table twice until it is merged.
SELECT
    Flow,
    arraySort(groupUniqArray(FlowVersion)) AS Versions,
    count() AS Cases,
    countIf(End IS NULL) AS InFlight,
    min(Start) AS FirstStart,
    max(cases.LastEvent) AS LastEvent
FROM cases FINAL
WHERE Tenant = {tenant:String} AND ({flow:String} = '' OR Flow = {flow:String})
GROUP BY Flow
