-- The cases that the arrived events name, and those that already reach an id the events carry. Whatever a case newly reaches,
-- it reaches through a new link whose source it reached before: so this finds every case that can change.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    arrived AS
    (
        SELECT DISTINCT Tenant, Flow, CaseId, TraceId, Refs
        FROM {source:Identifier}
        WHERE Batch IN {batches:Array(String)}
    )
SELECT {fold:String}, Tenant, Flow, CaseId FROM arrived WHERE CaseId != ''
UNION DISTINCT
SELECT {fold:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, ref.2, ref.1 FROM arrived ARRAY JOIN Refs AS ref)
UNION DISTINCT
SELECT {fold:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, TraceId, 'trace' FROM arrived)
