-- What the arrived events assert along declared edges: an event that carries both ends of an edge links them, and so does an
-- explicit link. A case id stands for the flow's lead type, and the other way round, so that both are one source. An event that names
-- no flow speaks for every flow; a flow that is not declared links its case to each id it carries, or is explicitly linked to.
-- A step that carries neither a case id nor a typed id belongs to the cases of the other steps of its trace: those steps link
-- their case, or their ids, to the trace. Only traces that hold such a step are linked.
INSERT INTO {links:Identifier} (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
WITH
    arrived AS MATERIALIZED
    (
        SELECT DISTINCT Tenant, Flow, CaseId, Refs, Links
        FROM {source:Identifier}
        WHERE Batch IN {batches:Array(String)} AND (notEmpty(Refs) OR notEmpty(Links))
    ),
    declared AS
    (
        SELECT Tenant, Flow, Lead, Edges FROM flow_declarations FINAL
    )
SELECT DISTINCT Tenant, link.1, Source, DeclaredFlow, Target, link.2
FROM
(
    SELECT
        a.Tenant AS Tenant,
        d.Flow AS DeclaredFlow,
        edge.1 AS SourceType,
        if(SourceType = d.Lead, 'case', SourceType) AS Source,
        edge.2 AS Target,
        arrayConcat(
            if(a.CaseId != '' AND a.Flow = d.Flow AND Source = 'case', [a.CaseId], []),
            arrayMap(r -> r.2, arrayFilter(r -> r.1 = SourceType, a.Refs))) AS sources,
        arrayFilter(r -> r.1 = Target, a.Refs) AS targets,
        arrayConcat(
            arrayFlatten(arrayMap(s -> arrayMap(t -> (s, t.2), targets), sources)),
            arrayMap(l -> (l.2, l.4), arrayFilter(l -> (l.1 = Source OR l.1 = SourceType) AND l.3 = Target, a.Links))) AS links
    FROM arrived AS a
    INNER JOIN declared AS d ON a.Tenant = d.Tenant
    ARRAY JOIN d.Edges AS edge
    WHERE a.Flow IN ('', d.Flow)
)
ARRAY JOIN links AS link
UNION ALL
SELECT DISTINCT Tenant, end.1, 'case', Flow, end.2, end.3
FROM arrived
ARRAY JOIN arrayConcat(
    arrayMap(r -> (CaseId, r.1, r.2), if(CaseId != '', Refs, [])),
    arrayMap(l -> (l.2, l.3, l.4), arrayFilter(l -> l.1 = 'case', Links))) AS end
WHERE Flow != '' AND end.2 NOT IN ('case', 'trace') AND (Tenant, Flow) NOT IN (SELECT Tenant, Flow FROM declared)
UNION ALL
SELECT DISTINCT Tenant, IdValue, IdType, Flow, 'trace', TraceId
FROM trace_ids
WHERE (Tenant, TraceId) IN
(
    SELECT Tenant, KeyValue
    FROM steps
    WHERE KeyType = 'trace'
        AND (Tenant, KeyValue) IN (SELECT Tenant, TraceId FROM {source:Identifier} WHERE Batch IN {batches:Array(String)})
)
SETTINGS enable_materialized_cte = 1
