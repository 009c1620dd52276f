-- Is there a hub through which cases still reach something? A row if so.
SELECT Tenant, IdValue, IdType, Flow
FROM {hubs:Identifier}
GROUP BY Tenant, IdValue, IdType, Flow
HAVING max(Settled) = 0
LIMIT 1
