-- Which cases share an event with a case that newly reaches one of the event's ids? The event's weight among them changes. With {again},
-- in a run that may repeat one that was cut short, all ids count as new: what was reached then may be kept and not folded yet.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    joint AS
    (
        SELECT DISTINCT Tenant, if(empty(Refs), ['trace'], Refs.Type) AS Types, if(empty(Refs), [TraceId], Refs.Value) AS Values
        FROM steps
        WHERE CaseId = ''
            AND (Tenant, KeyValue, KeyType) IN (SELECT Tenant, IdValue, IdType FROM fold_reached WHERE Fold = {run:String} AND (New OR {again:Bool}))
    )
SELECT DISTINCT {run:String}, Tenant, Flow, CaseId
FROM {reach:Identifier}
WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, Value, Type FROM joint ARRAY JOIN Types AS Type, Values AS Value)
    AND (Tenant, Flow, CaseId) NOT IN (SELECT Tenant, Flow, CaseId FROM touched WHERE Fold = {run:String})
