-- The cases that share an event with a case that newly reaches one of its ids: the event's weight among them changes. A run that
-- may repeat one that was cut short (again) takes all its ids for new: what was reached then may be kept and not yet folded.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    joint AS
    (
        SELECT DISTINCT Tenant, if(empty(Refs), [('trace', TraceId)], Refs) AS Keys
        FROM steps
        WHERE CaseId = ''
            AND (Tenant, KeyValue, KeyType) IN (SELECT Tenant, IdValue, IdType FROM fold_reached WHERE Fold = {fold:String} AND (New OR {again:Bool}))
    )
SELECT DISTINCT {fold:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, key.2, key.1 FROM joint ARRAY JOIN Keys AS key)
    AND (Tenant, Flow, CaseId) NOT IN (SELECT Tenant, Flow, CaseId FROM touched WHERE Fold = {fold:String})
