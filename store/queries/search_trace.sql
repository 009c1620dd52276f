-- Cases that have a step in a trace: those that the steps name, and those that reach an id which a step without a case id
-- carries. The flow and the ids are read off the spans as 0002_steps.sql does.
WITH
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value,
    steps_of_trace AS
    (
        SELECT
            if(a['flow.name'] = '' AND CaseId != '', 'unnamed', a['flow.name']) AS Flow,
            a['flow.case.id'] AS CaseId,
            arrayFlatten(arrayMap(
                (k, v) -> if(startsWith(k, 'flow.ref.'), arrayMap(x -> (substring(k, 10), x), each_value(v)), []),
                mapKeys(a), mapValues(a))) AS Refs
        FROM (SELECT SpanAttributes AS a FROM otel_traces WHERE Tenant = {tenant:String} AND TraceId = {trace_id:String})
        WHERE mapContains(a, 'flow.step')
        LIMIT 1000
    ),
    joint AS
    (
        SELECT DISTINCT Flow, key.1 AS IdType, key.2 AS IdValue
        FROM steps_of_trace
        ARRAY JOIN if(empty(Refs), [('trace', {trace_id:String})], Refs) AS key
        WHERE CaseId = ''
    )
SELECT DISTINCT Flow, CaseId
FROM
(
    SELECT Flow, CaseId FROM steps_of_trace WHERE CaseId != ''
    UNION ALL
    SELECT r.Flow AS Flow, r.CaseId AS CaseId
    FROM joint AS j
    INNER JOIN
    (
        SELECT IdValue, IdType, Flow, CaseId
        FROM reach
        WHERE Tenant = {tenant:String} AND (IdValue, IdType) IN (SELECT IdValue, IdType FROM joint)
    ) AS r ON j.IdValue = r.IdValue AND j.IdType = r.IdType
    WHERE j.Flow IN ('', r.Flow)
)
ORDER BY Flow, CaseId
LIMIT {limit:UInt32}
