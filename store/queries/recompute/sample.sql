-- Cases to recompute: those of one tenant and flow ('' is all), in an order that mixes them and is always the same; only those of one of
-- chunks parts, at most limit. A case that lost its row, or its events, is among them.
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
