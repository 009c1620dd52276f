-- The cases that share an event with a touched case: the event's weight among them may have changed.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    joint AS
    (
        SELECT DISTINCT Tenant, if(empty(Refs), [('trace', TraceId)], Refs) AS Keys
        FROM steps
        WHERE CaseId = '' AND (Tenant, KeyValue, KeyType) IN
        (
            SELECT Tenant, IdValue, IdType
            FROM {reach_by_case:Identifier}
            WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM touched WHERE Fold = {fold:String})
        )
    )
SELECT DISTINCT {fold:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, key.2, key.1 FROM joint ARRAY JOIN Keys AS key)
    AND (Tenant, Flow, CaseId) NOT IN (SELECT Tenant, Flow, CaseId FROM touched WHERE Fold = {fold:String})
