-- What do declarations say that decides what a case is?
SELECT Tenant, Flow, Lead, Edges, HubLimit, SlaSeconds, Successes, Steps FROM flow_declarations FINAL
