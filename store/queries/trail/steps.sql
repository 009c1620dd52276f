-- Which steps does one case have? Those that name it, and those without a case id that carry an id it reaches: the rule of
-- fold/8_events.sql, by which the caller also chooses among several rows of one step. Neither sorted nor made unique here: a trail is short,
-- and planning that costs more than doing it. PREWHERE: keys without a step cost two columns.
SELECT
    Flow, CaseId, TraceId, SpanId, ParentSpanId, System, Name, Step, Kind, State,
    toUnixTimestamp64Nano(Timestamp) AS StartNs, toUnixTimestamp64Nano(End) AS EndNs,
    toUnixTimestamp64Nano(ReceivedAt) AS ReceivedNs,
    Attempt, IdempotencyKey, ActorType, ActorId, Action, Outcome, Failed, ErrorClass, ErrorType, ErrorMessage, Compensates,
    Cost, CostCurrency, Refs
FROM steps
PREWHERE Tenant = {tenant:String} AND (KeyValue, KeyType) IN {keys:Array(Tuple(String, String))}
WHERE (CaseId = {case_id:String} AND Flow = {flow:String}) OR (CaseId = '' AND Flow IN ('', {flow:String}))
LIMIT {limit:UInt32}
