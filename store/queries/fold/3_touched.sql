-- The cases that the arrived events can change: those they name; those that already reach an id from which an event hangs or
-- leads on (what a case newly reaches, it reaches through a new link whose source it reached before); those that reach
-- the trace of an event; and, for a step without any id, those of the other steps of its trace.
-- An id on a step that names its case, and that leads nowhere, is passed over: a customer's number on every order would
-- have each event fold all of that customer's orders.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    arrived AS MATERIALIZED
    (
        SELECT DISTINCT Tenant, Flow, CaseId, TraceId, Refs, Links
        FROM {source:Identifier}
        WHERE Batch IN {batches:Array(String)}
    ),
    leading AS
    (
        SELECT DISTINCT Tenant, edge.1 AS Type FROM flow_declarations FINAL ARRAY JOIN Edges AS edge
    ),
    hanging AS
    (
        SELECT Tenant, ref.2 AS IdValue, ref.1 AS IdType
        FROM arrived
        ARRAY JOIN arrayConcat(Refs, arrayMap(l -> (l.1, l.2), Links)) AS ref
        WHERE CaseId = '' OR IdType = 'case' OR (Tenant, IdType) IN (SELECT Tenant, Type FROM leading)
        UNION ALL
        SELECT DISTINCT Tenant, TraceId, 'trace' FROM arrived
        UNION ALL
        SELECT Tenant, IdValue, IdType
        FROM trace_ids
        WHERE (Tenant, TraceId) IN (SELECT Tenant, TraceId FROM arrived WHERE CaseId = '' AND empty(Refs))
    )
SELECT DISTINCT {fold:String}, Tenant, Flow, CaseId
FROM
(
    SELECT Tenant, Flow, CaseId FROM arrived WHERE CaseId != ''
    UNION ALL
    SELECT Tenant, Flow, CaseId FROM {reach:Identifier} WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, IdValue, IdType FROM hanging)
)
SETTINGS enable_materialized_cte = 1
