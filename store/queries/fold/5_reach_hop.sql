-- What do the touched cases reach one hop further, from what the hop before added? Run once for each edge of the longest declared
-- path, or until a hop adds nothing. No hop leads to a hub.
INSERT INTO fold_reached (Fold, Hop, New, Tenant, IdValue, IdType, Flow, CaseId)
WITH
    edge AS
    (
        SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {run:String} AND Hop = {hop:UInt8} - 1
    )
SELECT DISTINCT {run:String}, {hop:UInt8}, 1, l.Tenant, l.TargetValue, l.TargetType, e.Flow, e.CaseId
FROM edge AS e
INNER JOIN
(
    SELECT DISTINCT Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue
    FROM {links:Identifier}
    WHERE (Tenant, SourceValue, SourceType) IN (SELECT Tenant, IdValue, IdType FROM edge)
        AND (Tenant, TargetValue, TargetType, Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM {hubs:Identifier})
) AS l ON e.Tenant = l.Tenant AND e.IdValue = l.SourceValue AND e.IdType = l.SourceType
WHERE l.Flow IN ('', e.Flow)
    AND (l.Tenant, l.TargetValue, l.TargetType, e.Flow, e.CaseId) NOT IN
    (
        SELECT Tenant, IdValue, IdType, Flow, CaseId FROM fold_reached WHERE Fold = {run:String}
    )
