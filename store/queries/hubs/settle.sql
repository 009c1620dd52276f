-- Mark new hubs as settled: the cases that had reached something through them are folded without it.
INSERT INTO {hubs:Identifier} (Tenant, IdValue, IdType, Flow, Since, Settled)
SELECT Tenant, IdValue, IdType, Flow, min(Since), 1
FROM {hubs:Identifier}
GROUP BY Tenant, IdValue, IdType, Flow
HAVING max(Settled) = 0
