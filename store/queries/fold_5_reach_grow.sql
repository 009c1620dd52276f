-- One hop further along links for the touched cases. Run as often as the longest declared path is long.
INSERT INTO {reach:Identifier} (Tenant, IdValue, IdType, Flow, CaseId)
WITH
    reached AS
    (
        SELECT Tenant, IdValue, IdType, Flow, CaseId
        FROM {reach_by_case:Identifier}
        WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM touched WHERE Fold = {fold:String})
    )
SELECT DISTINCT l.Tenant, l.TargetValue, l.TargetType, r.Flow, r.CaseId
FROM reached AS r
INNER JOIN
(
    SELECT Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue
    FROM {links:Identifier}
    WHERE (Tenant, SourceValue, SourceType) IN (SELECT Tenant, IdValue, IdType FROM reached)
) AS l ON r.Tenant = l.Tenant AND r.IdValue = l.SourceValue AND r.IdType = l.SourceType
WHERE l.Flow IN ('', r.Flow)
    AND (l.Tenant, l.TargetValue, l.TargetType, r.Flow, r.CaseId) NOT IN (SELECT Tenant, IdValue, IdType, Flow, CaseId FROM reached)
