-- What the arrived events assert along declared edges: an event that carries both ends of an edge links them. A case id stands
-- for the flow's lead type. An event that names no flow speaks for every flow; a flow that is not declared links its case to
-- each id it carries.
INSERT INTO {links:Identifier} (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
WITH
    arrived AS
    (
        SELECT DISTINCT Tenant, Flow, CaseId, Refs
        FROM {source:Identifier}
        WHERE Batch IN {batches:Array(String)} AND notEmpty(Refs)
    ),
    declared AS
    (
        SELECT Tenant, Flow, Lead, Edges FROM flow_declarations FINAL
    )
SELECT DISTINCT Tenant, source.2, source.1, DeclaredFlow, target.1, target.2
FROM
(
    SELECT Tenant, DeclaredFlow, targets, source
    FROM
    (
        SELECT
            a.Tenant AS Tenant,
            d.Flow AS DeclaredFlow,
            edge.1 AS SourceType,
            edge.2 AS TargetType,
            arrayConcat(
                if(a.CaseId != '' AND a.Flow = d.Flow AND SourceType = d.Lead, [('case', a.CaseId)], []),
                arrayFilter(r -> r.1 = SourceType, a.Refs)) AS sources,
            arrayFilter(r -> r.1 = TargetType, a.Refs) AS targets
        FROM arrived AS a
        INNER JOIN declared AS d ON a.Tenant = d.Tenant
        ARRAY JOIN d.Edges AS edge
        WHERE a.Flow IN ('', d.Flow)
    )
    ARRAY JOIN sources AS source
)
ARRAY JOIN targets AS target
UNION ALL
SELECT DISTINCT Tenant, CaseId, 'case', Flow, ref.1, ref.2
FROM arrived
ARRAY JOIN Refs AS ref
WHERE CaseId != '' AND (Tenant, Flow) NOT IN (SELECT Tenant, Flow FROM declared)
