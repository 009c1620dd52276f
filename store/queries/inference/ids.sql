-- Which types of ids do the events of a flow carry: about how many ids, how many beside a case id, and how many that are the case id?
SELECT
    ref.Type AS IdType,
    uniq(ref.Value) AS Ids,
    uniqIf(ref.Value, CaseId != '') AS Beside,
    uniqIf(ref.Value, ref.Value = CaseId) AS Leads
FROM steps
ARRAY JOIN Refs AS ref
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
GROUP BY IdType
ORDER BY IdType
