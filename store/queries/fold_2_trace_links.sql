-- A step that carries neither a case id nor a typed id belongs to the cases of the other steps of its trace: those steps link
-- their case, or their ids, to the trace. Only traces that hold such a step are linked.
INSERT INTO {links:Identifier} (Tenant, SourceValue, SourceType, Flow, TargetType, TargetValue)
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value,
    bare AS
    (
        SELECT Tenant, KeyValue
        FROM steps
        WHERE KeyType = 'trace'
            AND (Tenant, KeyValue) IN (SELECT Tenant, TraceId FROM {source:Identifier} WHERE Batch IN {batches:Array(String)})
    )
SELECT DISTINCT Tenant, id.2, id.1, EventFlow, 'trace', TraceId
FROM
(
    SELECT
        Tenant,
        TraceId,
        SpanAttributes['flow.case.id'] AS Case,
        if(SpanAttributes['flow.name'] = '' AND Case != '', 'unnamed', SpanAttributes['flow.name']) AS EventFlow,
        arrayFilter(r -> r.2 != '', arrayFlatten(arrayMap(
            (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (substring(k, 10), x), each_value(v)), []),
            mapKeys(SpanAttributes), mapValues(SpanAttributes)))) AS Refs
    FROM otel_traces
    WHERE (Tenant, TraceId) IN bare AND mapContains(SpanAttributes, 'flow.step')
)
ARRAY JOIN if(Case != '', [('case', Case)], Refs) AS id
