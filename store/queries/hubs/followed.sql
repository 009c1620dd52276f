-- Follow a new hub like a case without a name, to learn which events were shared through it or through what it leads to.
INSERT INTO fold_reached (Fold, Hop, New, Tenant, IdValue, IdType, Flow, CaseId)
SELECT {run:String}, 0, 1, Tenant, IdValue, IdType, Flow, ''
FROM {hubs:Identifier}
GROUP BY Tenant, IdValue, IdType, Flow
HAVING max(Settled) = 0
