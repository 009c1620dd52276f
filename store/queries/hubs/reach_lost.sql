-- Had the cases of a run reached anything that they no longer reach? A row if so.
SELECT 1 AS One
FROM {reach_by_case:Identifier}
WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM touched WHERE Fold = {run:String})
    AND (Tenant, IdValue, IdType, Flow, CaseId) NOT IN
    (
        SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {run:String}
    )
LIMIT 1
