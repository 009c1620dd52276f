-- What the owners of flows declare, as far as it decides what a case is.
SELECT Tenant, Flow, Lead, Edges, HubLimit, SlaSeconds, Successes, Steps FROM flow_declarations FINAL
