-- What the touched cases newly reach is kept. A hub that is followed to see what hung from it is no case.
INSERT INTO {reach:Identifier} (Tenant, IdValue, IdType, Flow, CaseId)
SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {fold:String} AND New AND CaseId != ''
