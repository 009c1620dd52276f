-- Can the events of these batches have turned an id into a hub? A row if so. Asked in every run, so it looks no closer than the lowest
-- limit of all flows; fold/2_hubs.sql finds exactly which. An id that its flow knows as a hub already is not counted: a million ids
-- may lead to it.
SELECT 1 AS One
FROM {links_by_target:Identifier}
WHERE (Tenant, TargetValue, TargetType) IN
(
    SELECT Tenant, IdValue, IdType
    FROM {source:Identifier}
    ARRAY JOIN
        arrayConcat(Refs.Type, Links.TargetType, ['trace']) AS IdType,
        arrayConcat(Refs.Value, Links.TargetValue, [TraceId]) AS IdValue
    WHERE Batch IN {batches:Array(String)}
        AND (Tenant, IdValue, IdType, Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM {hubs:Identifier})
)
GROUP BY Tenant, TargetValue, TargetType, Flow
HAVING uniqExact(SourceType, SourceValue) > {least_limit:UInt32}
LIMIT 1
