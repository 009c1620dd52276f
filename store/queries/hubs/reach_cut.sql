-- Delete from {table} what the cases of a run no longer reach. It is called for reach first, then for reach_by_case, which says for both
-- what to delete.
DELETE FROM {table:Identifier}
WHERE (Tenant, CaseId, Flow, IdType, IdValue) IN
(
    SELECT Tenant, CaseId, Flow, IdType, IdValue
    FROM {reach_by_case:Identifier}
    WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM touched WHERE Fold = {run:String})
        AND (Tenant, IdValue, IdType, Flow, CaseId) NOT IN
        (
            SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {run:String}
        )
)
