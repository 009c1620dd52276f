-- Whether the arrived events can have turned an id into a hub: asked in every run, so with the least limit of all flows and nothing
-- more than that; fold/2_hubs.sql tells exactly which. An id that its flow knows as a hub already is not counted: it may have a
-- million.
SELECT 1 AS One
FROM {links_by_target:Identifier}
WHERE (Tenant, TargetValue, TargetType) IN
(
    SELECT Tenant, id.2, id.1
    FROM {source:Identifier}
    ARRAY JOIN arrayConcat(Refs, arrayMap(l -> (l.3, l.4), Links), [('trace', TraceId)]) AS id
    WHERE Batch IN {batches:Array(String)}
        AND (Tenant, id.2, id.1, Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM {hubs:Identifier})
)
GROUP BY Tenant, TargetValue, TargetType, Flow
HAVING uniqExact(SourceType, SourceValue) > {least_limit:UInt32}
LIMIT 1
