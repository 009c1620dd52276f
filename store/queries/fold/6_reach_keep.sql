-- Keep what the touched cases newly reach. Rows without a case are of hubs, see hubs/followed.sql.
INSERT INTO {reach:Identifier} (Tenant, IdValue, IdType, Flow, CaseId)
SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {run:String} AND New AND CaseId != ''
