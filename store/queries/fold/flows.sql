-- What do the declared flows say that bounds a run of the fold?
SELECT Lead, Edges, HubLimit FROM flow_declarations FINAL
