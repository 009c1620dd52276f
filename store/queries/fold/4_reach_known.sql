-- What do the touched cases reach before links are followed? What they are known to reach, and themselves, under their case id and
-- under their flow's lead type. Run again when more cases are touched, it adds those. With {afresh}, for cases whose reach shrinks,
-- they start with themselves alone.
INSERT INTO fold_reached (Fold, Hop, New, Tenant, IdValue, IdType, Flow, CaseId)
WITH
    scope AS MATERIALIZED
    (
        SELECT DISTINCT Tenant, Flow, CaseId
        FROM touched
        WHERE Fold = {run:String}
            AND (Tenant, Flow, CaseId) NOT IN (SELECT Tenant, Flow, CaseId FROM fold_reached WHERE Fold = {run:String})
    ),
    known AS
    (
        SELECT Tenant, IdValue, IdType, Flow, CaseId, 0 AS New
        FROM {reach_by_case:Identifier}
        WHERE NOT {afresh:Bool} AND (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM scope)
        UNION ALL
        SELECT s.Tenant, s.CaseId, type, s.Flow, s.CaseId, 1
        FROM scope AS s
        LEFT JOIN (SELECT Tenant, Flow, Lead FROM flow_declarations FINAL) AS d ON s.Tenant = d.Tenant AND s.Flow = d.Flow
        ARRAY JOIN if(d.Lead = '', ['case'], ['case', d.Lead]) AS type
    )
SELECT {run:String}, 0, min(New), Tenant, IdValue, IdType, Flow, CaseId
FROM known
GROUP BY Tenant, IdValue, IdType, Flow, CaseId
SETTINGS enable_materialized_cte = 1
