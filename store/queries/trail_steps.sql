-- The steps of one case: those that name it, and those without a case id that carry an id it reaches. The same rule as in
-- fold_7_cases.sql, as is which row stands for a step: the finished span before its started record, the last one received.
SELECT
    Flow, CaseId, TraceId, SpanId, ParentSpanId, System, Name, Step, Kind, State,
    toUnixTimestamp64Nano(Timestamp) AS StartNs, toUnixTimestamp64Nano(End) AS EndNs,
    Attempt, IdempotencyKey, ActorType, ActorId, Action, Outcome, Failed, ErrorClass, ErrorType, ErrorMessage, Compensates,
    Cost, CostCurrency, Refs
FROM
(
    SELECT *
    FROM steps
    WHERE Tenant = {tenant:String}
        AND (KeyValue, KeyType) IN {keys:Array(Tuple(String, String))}
        AND ((CaseId = {case_id:String} AND Flow = {flow:String}) OR (CaseId = '' AND Flow IN ('', {flow:String})))
    ORDER BY TraceId, if(State = 'started', ParentSpanId, SpanId), State, ReceivedAt DESC, End DESC, Timestamp DESC, SpanId
    LIMIT 1 BY TraceId, if(State = 'started', ParentSpanId, SpanId)
)
ORDER BY StartNs, EndNs DESC, TraceId, SpanId
LIMIT {limit:UInt32}
