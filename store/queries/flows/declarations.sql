-- The flows that a tenant has declared.
SELECT Flow, FlowVersion, Lead, Edges, Segments, Document, Applied, DeclaredAt
FROM flow_declarations FINAL
WHERE Tenant = {tenant:String}
ORDER BY Flow
