-- What the touched cases newly reach is kept.
INSERT INTO {reach:Identifier} (Tenant, IdValue, IdType, Flow, CaseId)
SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {fold:String} AND New
