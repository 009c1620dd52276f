-- The types of id on the events of a flow: about how many ids, how many of them beside a case id, and how many that are the case id.
SELECT
    ref.1 AS IdType,
    uniq(ref.2) AS Ids,
    uniqIf(ref.2, CaseId != '') AS Beside,
    uniqIf(ref.2, ref.2 = CaseId) AS Leads
FROM steps
ARRAY JOIN Refs AS ref
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
GROUP BY IdType
ORDER BY IdType
