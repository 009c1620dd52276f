-- Which flows has a tenant declared?
SELECT Flow, FlowVersion, Lead, Edges, Segments, Document, Applied, DeclaredAt
FROM flow_declarations FINAL
WHERE Tenant = {tenant:String}
ORDER BY Flow
