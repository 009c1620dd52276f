-- Which cases had reached a new hub? Those that reach an id which leads there. Read from the links, not from what was reached: a run
-- that was stopped may have deleted that already.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    unsettled AS
    (
        SELECT Tenant, IdValue, IdType, Flow FROM {hubs:Identifier} GROUP BY Tenant, IdValue, IdType, Flow HAVING max(Settled) = 0
    )
SELECT DISTINCT {run:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN
(
    SELECT Tenant, SourceValue, SourceType
    FROM {links_by_target:Identifier}
    WHERE (Tenant, TargetValue, TargetType, Flow) IN (SELECT Tenant, IdValue, IdType, Flow FROM unsettled)
    UNION ALL
    SELECT Tenant, IdValue, IdType FROM unsettled
)
    AND (Tenant, Flow, CaseId) NOT IN (SELECT Tenant, Flow, CaseId FROM touched WHERE Fold = {run:String})
