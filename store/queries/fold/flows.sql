-- What a run of the fold asks of the declared flows before it begins.
SELECT Lead, Edges, HubLimit FROM flow_declarations FINAL
