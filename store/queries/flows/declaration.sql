-- How is a flow declared?
SELECT Flow, FlowVersion, Lead, Edges, Segments, Document, Applied, DeclaredAt
FROM flow_declarations FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
