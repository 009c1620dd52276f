-- How many cases has each flow, or {flow} if it is not empty? FINAL, because a case that was folded again has two rows until they are
-- merged.
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
