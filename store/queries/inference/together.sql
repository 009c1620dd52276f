-- Which types of ids do events of a flow carry together, with and without a case id, and about how many events do?
SELECT
    CaseId != '' AS Named,
    arraySort(arrayDistinct(Refs.Type)) AS Types,
    uniq(TraceId, SpanId) AS Events
FROM steps
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String}) AND notEmpty(Refs)
GROUP BY Named, Types
ORDER BY Events DESC, Types
LIMIT 500
