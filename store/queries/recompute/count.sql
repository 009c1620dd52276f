-- How many cases can be recomputed?
SELECT uniqExact(Tenant, Flow, CaseId) AS Cases
FROM
(
    SELECT Tenant, Flow, CaseId FROM steps WHERE KeyType = 'case'
    UNION ALL
    SELECT Tenant, Flow, CaseId FROM cases
)
WHERE {tenant:String} IN ('', Tenant) AND {flow:String} IN ('', Flow)
