-- Takes back what the cases of a run reach no longer; {table} is reach first, then reach_by_case, from which both are told.
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
