-- Which links do the events of these batches assert?
--
-- Along a declared edge, an event that carries both ends links them, and so does an explicit link (flow.link.*). A case id stands for
-- the flow's lead type and the other way round, so that both are one source. An event that names no flow speaks for every flow.
-- A flow that is not declared links its case to each id that the event carries, or to which it is explicitly linked.
-- A step with neither a case id nor a typed id belongs to the cases of the other steps of its trace: those steps link their case,
-- or their ids, to the trace. Only traces that hold such a step are linked.
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
SELECT DISTINCT Tenant, SourceValue, SourceType, DeclaredFlow, Target, TargetValue
FROM
(
    SELECT
        a.Tenant AS Tenant,
        d.Flow AS DeclaredFlow,
        edge.Source AS Declared,
        if(Declared = d.Lead, 'case', Declared) AS SourceType,
        edge.Target AS Target,
        arrayConcat(
            if(a.CaseId != '' AND a.Flow = d.Flow AND SourceType = 'case', [a.CaseId], []),
            arrayMap(r -> r.Value, arrayFilter(r -> r.Type = Declared, a.Refs))) AS sources,
        arrayMap(r -> r.Value, arrayFilter(r -> r.Type = Target, a.Refs)) AS targets,
        arrayFilter(l -> (l.SourceType = SourceType OR l.SourceType = Declared) AND l.TargetType = Target, a.Links) AS explicit,
        -- Each source with each target, and the two ends of each explicit link, in two arrays of one length.
        arrayConcat(arrayFlatten(arrayMap(s -> arrayMap(t -> s, targets), sources)), explicit.SourceValue) AS SourceValues,
        arrayConcat(arrayFlatten(arrayMap(s -> targets, sources)), explicit.TargetValue) AS TargetValues
    FROM arrived AS a
    INNER JOIN declared AS d ON a.Tenant = d.Tenant
    ARRAY JOIN d.Edges AS edge
    WHERE a.Flow IN ('', d.Flow)
)
ARRAY JOIN SourceValues AS SourceValue, TargetValues AS TargetValue
UNION ALL
SELECT DISTINCT Tenant, SourceValue, 'case', Flow, TargetType, TargetValue
FROM
(
    SELECT
        Tenant, Flow, CaseId,
        arrayFilter(r -> CaseId != '', Refs) AS own,
        arrayFilter(l -> l.SourceType = 'case', Links) AS explicit
    FROM arrived
    WHERE Flow != '' AND (Tenant, Flow) NOT IN (SELECT Tenant, Flow FROM declared)
)
ARRAY JOIN
    arrayConcat(arrayMap(r -> CaseId, own), explicit.SourceValue) AS SourceValue,
    arrayConcat(own.Type, explicit.TargetType) AS TargetType,
    arrayConcat(own.Value, explicit.TargetValue) AS TargetValue
WHERE TargetType NOT IN ('case', 'trace')
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
