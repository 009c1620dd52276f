-- Which cases are recomputed? Those of a tenant and flow ('' is any), in a mixed order that is always the same: one of {chunks} parts, at
-- most {limit}. A case that lost its row, or its events, is among them.
SELECT Tenant, Flow, CaseId
FROM
(
    SELECT DISTINCT Tenant, Flow, CaseId FROM steps WHERE KeyType = 'case'
    UNION DISTINCT
    SELECT DISTINCT Tenant, Flow, CaseId FROM cases
)
WHERE {tenant:String} IN ('', Tenant) AND {flow:String} IN ('', Flow) AND cityHash64(Tenant, Flow, CaseId) % {chunks:UInt64} = {chunk:UInt64}
ORDER BY cityHash64(Tenant, Flow, CaseId), Tenant, Flow, CaseId
LIMIT {limit:UInt64}
