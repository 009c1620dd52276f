-- What is stored of these cases? Times in nanoseconds since 1970, so that nothing of them is lost.
SELECT
    Tenant, Flow, CaseId, Version, FlowVersion, toUnixTimestamp64Nano(Start) AS Start, toUnixTimestamp64Nano(End) AS End,
    toUnixTimestamp64Nano(LastEvent) AS LastEvent, Outcome, Dims, Value, ValueCurrency, Events, HumanEvents, ServiceEvents,
    UnknownEvents, Touches, Attempts, FailedBusiness, FailedInfrastructure, FailedUnclassified, Retries, SharedEvents, Systems,
    NowState, NowStep, NowSystem, NowActorType, NowActorId, toUnixTimestamp64Nano(NowSince) AS NowSince, NowFailed, OpenSteps, StepTotals,
    Success, toUnixTimestamp64Nano(DueAt) AS DueAt, Repeats, Rejections, Corrections, Compensations,
    arrayMap(x -> (x.Fingerprint, x.Class, x.Code, x.Step, x.System, x.Object, toUnixTimestamp64Nano(x.OpenedAt),
        toUnixTimestamp64Nano(x.ClosedAt), x.State, x.Attempts, x.Value, x.ValueCurrency, x.TraceId, x.SpanId), Exceptions) AS Exceptions,
    arrayMap(x -> (x.Step, x.System, x.Object, toUnixTimestamp64Nano(x.RequestedAt), toUnixTimestamp64Nano(x.DueAt),
        toUnixTimestamp64Nano(x.DecidedAt), x.Decision, x.DecidedBy, x.EscalateTo, x.OnTimeout, x.TraceId, x.SpanId), Approvals) AS Approvals,
    arrayMap(x -> (x.Key, x.Step, x.Object, x.Effects, toUnixTimestamp64Nano(x.First), toUnixTimestamp64Nano(x.Last)), Duplicates) AS Duplicates,
    KeyTotals
FROM cases FINAL
WHERE (Tenant, Flow, CaseId) IN (SELECT Tenant, Flow, CaseId FROM {scratch:Identifier} WHERE IdType = 'case' AND CaseId != '')
