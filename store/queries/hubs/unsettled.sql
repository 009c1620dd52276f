-- Hubs of which what had been reached through them is still to be taken back.
SELECT Tenant, IdValue, IdType, Flow
FROM {hubs:Identifier}
GROUP BY Tenant, IdValue, IdType, Flow
HAVING max(Settled) = 0
LIMIT 1
