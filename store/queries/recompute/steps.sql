-- Which steps do these cases have, and which steps without a case id carry one of these ids? Each once per span that was received.
SELECT
    Tenant, Flow, FlowVersion, CaseId, TraceId, SpanId, ParentSpanId, System, Step, Kind, State, Attempt, IdempotencyKey,
    ActorType, ActorId, Action, Outcome, Failed, ErrorClass, ErrorType, ErrorMessage, Compensates,
    toUnixTimestamp64Nano(Timestamp) AS StartNs, toUnixTimestamp64Nano(End) AS EndNs, toUnixTimestamp64Nano(ReceivedAt) AS ReceivedNs,
    Cost, CostCurrency, Value, ValueCurrency, mapKeys(Dims) AS DimNames, mapValues(Dims) AS DimValues,
    Refs.Type AS RefTypes, Refs.Value AS RefValues, ApprovalTimeoutS, EscalateTo, OnTimeout, Decision, DecidedBy
FROM steps
WHERE (KeyType = 'case' AND (Tenant, Flow, CaseId) IN
    (SELECT Tenant, Flow, CaseId FROM {scratch:Identifier} WHERE IdType = 'case' AND CaseId != ''))
    OR (CaseId = '' AND (Tenant, KeyType, KeyValue) IN
    (SELECT Tenant, IdType, IdValue FROM {scratch:Identifier} WHERE CaseId = '' AND Flow = {round:String}))
LIMIT 1 BY Tenant, TraceId, SpanId, CaseId, Flow, StartNs, EndNs, State, ReceivedNs
