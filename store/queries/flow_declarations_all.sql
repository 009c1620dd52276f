-- Every declared flow of every tenant, for the depth of the closure.
SELECT Tenant, Flow, Lead, Edges
FROM flow_declarations FINAL
