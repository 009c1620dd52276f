-- Which cases can the events of these batches change?
--
-- Those that an event names; those that reach an id by which an event belongs to cases, or from which it leads on (a case newly
-- reaches something only through a new link whose source it reached before); those that reach the trace of an event; and, for a
-- step without any id, those of the other steps of its trace.
-- An id on a step that names its case, and that leads nowhere, is left out: a customer's number on every order would have each event
-- fold all of that customer's orders.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
WITH
    arrived AS MATERIALIZED
    (
        SELECT DISTINCT
            Tenant, Flow, CaseId, TraceId, empty(Refs) AS WithoutRefs,
            arrayConcat(Refs.Type, Links.SourceType) AS Types,
            arrayConcat(Refs.Value, Links.SourceValue) AS Values
        FROM {source:Identifier}
        WHERE Batch IN {batches:Array(String)}
    ),
    leading AS
    (
        SELECT DISTINCT Tenant, edge.Source AS Type FROM flow_declarations FINAL ARRAY JOIN Edges AS edge
    ),
    hanging AS
    (
        SELECT Tenant, IdValue, IdType
        FROM arrived
        ARRAY JOIN Types AS IdType, Values AS IdValue
        WHERE CaseId = '' OR IdType = 'case' OR (Tenant, IdType) IN (SELECT Tenant, Type FROM leading)
        UNION ALL
        SELECT DISTINCT Tenant, TraceId, 'trace' FROM arrived
        UNION ALL
        SELECT Tenant, IdValue, IdType
        FROM trace_ids
        WHERE (Tenant, TraceId) IN (SELECT Tenant, TraceId FROM arrived WHERE CaseId = '' AND WithoutRefs)
    )
SELECT DISTINCT {run:String}, Tenant, Flow, CaseId
FROM
(
    SELECT Tenant, Flow, CaseId FROM arrived WHERE CaseId != ''
    UNION ALL
    SELECT Tenant, Flow, CaseId FROM {reach:Identifier} WHERE (Tenant, IdValue, IdType) IN (SELECT Tenant, IdValue, IdType FROM hanging)
)
SETTINGS enable_materialized_cte = 1
