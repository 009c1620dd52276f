-- A step that carries neither a case id nor a typed id belongs to the cases of the other steps of its trace: those steps link
-- their case, or their ids, to the trace. Only traces that hold such a step are linked.
INSERT INTO {links:Identifier} (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
SELECT DISTINCT Tenant, IdValue, IdType, Flow, 'trace', TraceId
FROM trace_ids
WHERE (Tenant, TraceId) IN
(
    SELECT Tenant, KeyValue
    FROM steps
    WHERE KeyType = 'trace'
        AND (Tenant, KeyValue) IN (SELECT Tenant, TraceId FROM {source:Identifier} WHERE Batch IN {batches:Array(String)})
)
