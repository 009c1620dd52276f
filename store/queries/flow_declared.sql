-- Flows as their declarations describe them now.
SELECT Flow, FlowVersion, Lead, Edges, Segments
FROM flow_declarations FINAL
WHERE Tenant = {tenant:String}
