-- The types of id on the events of a flow: about how many ids, how many of them beside a case id, and how many that are the case id.
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
