-- Which finished events do the cases of inference/sample.sql have, in order? Those that name their case and those that it reaches, each
-- once per case.
WITH
    sample AS
    (
        SELECT DISTINCT CaseId
        FROM cases
        WHERE Tenant = {tenant:String} AND Flow = {flow:String}
        ORDER BY cityHash64(CaseId), CaseId
        LIMIT {cases:UInt32}
    ),
    reached AS
    (
        SELECT DISTINCT IdType, IdValue, CaseId
        FROM reach_by_case
        WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND CaseId IN (SELECT CaseId FROM sample)
    )
SELECT Case, Step, Kind, ActorType, Action, Outcome, Attempt, Failed, ApprovalTimeoutS, EscalateTo, Object
FROM
(
    SELECT
        KeyValue AS Case, Step, Kind, ActorType, Action, Outcome, Attempt, Failed, ApprovalTimeoutS, EscalateTo,
        toString(Refs) AS Object, Timestamp, End, TraceId, SpanId
    FROM steps
    WHERE Tenant = {tenant:String} AND KeyType = 'case' AND KeyValue IN (SELECT CaseId FROM sample) AND Flow = {flow:String} AND State != 'started'
    UNION ALL
    SELECT
        r.CaseId AS Case, Step, Kind, ActorType, Action, Outcome, Attempt, Failed, ApprovalTimeoutS, EscalateTo,
        toString(Refs) AS Object, Timestamp, End, TraceId, SpanId
    FROM
    (
        SELECT *
        FROM steps
        WHERE Tenant = {tenant:String} AND CaseId = '' AND Flow IN ('', {flow:String}) AND State != 'started'
            AND (KeyValue, KeyType) IN (SELECT IdValue, IdType FROM reached)
    ) AS s
    INNER JOIN reached AS r ON s.KeyValue = r.IdValue AND s.KeyType = r.IdType
)
ORDER BY Case, Timestamp, End, TraceId, SpanId
LIMIT 1 BY Case, TraceId, SpanId
LIMIT 500000
