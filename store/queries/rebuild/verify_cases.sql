-- Every case whose live row differs from the row computed afresh, with the columns that differ.
SELECT
    if(live.CaseId != '', live.Tenant, fresh.Tenant) AS Tenant,
    if(live.CaseId != '', live.Flow, fresh.Flow) AS Flow,
    if(live.CaseId != '', live.CaseId, fresh.CaseId) AS CaseId,
    multiIf(live.CaseId = '', 'missing', fresh.CaseId = '', 'extra', 'changed') AS Kind,
    arrayFilter((name, differs) -> differs, [
        'FlowVersion', 'Start', 'End', 'LastEvent', 'Outcome', 'Dims', 'Value', 'ValueCurrency',
        'Events', 'HumanEvents', 'ServiceEvents', 'UnknownEvents', 'Touches', 'Attempts', 'FailedBusiness', 'FailedInfrastructure',
        'FailedUnclassified', 'Retries', 'SharedEvents', 'Systems', 'NowState', 'NowStep', 'NowSystem', 'NowActorType',
        'NowActorId', 'NowSince', 'NowFailed', 'OpenSteps', 'StepTotals', 'Success', 'DueAt', 'Repeats', 'Rejections', 'Corrections',
        'Compensations', 'Exceptions', 'Approvals', 'Duplicates', 'KeyTotals'],
        [
        toString(tuple(live.FlowVersion)) != toString(tuple(fresh.FlowVersion)), toString(tuple(live.Start)) != toString(tuple(fresh.Start)),
        toString(tuple(live.End)) != toString(tuple(fresh.End)), toString(tuple(live.LastEvent)) != toString(tuple(fresh.LastEvent)),
        toString(tuple(live.Outcome)) != toString(tuple(fresh.Outcome)), toString(tuple(live.Dims)) != toString(tuple(fresh.Dims)),
        toString(tuple(live.Value)) != toString(tuple(fresh.Value)), toString(tuple(live.ValueCurrency)) != toString(tuple(fresh.ValueCurrency)),
        toString(tuple(live.Events)) != toString(tuple(fresh.Events)), toString(tuple(live.HumanEvents)) != toString(tuple(fresh.HumanEvents)),
        toString(tuple(live.ServiceEvents)) != toString(tuple(fresh.ServiceEvents)), toString(tuple(live.UnknownEvents)) != toString(tuple(fresh.UnknownEvents)),
        toString(tuple(live.Touches)) != toString(tuple(fresh.Touches)), toString(tuple(live.Attempts)) != toString(tuple(fresh.Attempts)),
        toString(tuple(live.FailedBusiness)) != toString(tuple(fresh.FailedBusiness)), toString(tuple(live.FailedInfrastructure)) != toString(tuple(fresh.FailedInfrastructure)),
        toString(tuple(live.FailedUnclassified)) != toString(tuple(fresh.FailedUnclassified)), toString(tuple(live.Retries)) != toString(tuple(fresh.Retries)),
        toString(tuple(live.SharedEvents)) != toString(tuple(fresh.SharedEvents)), toString(tuple(live.Systems)) != toString(tuple(fresh.Systems)),
        toString(tuple(live.NowState)) != toString(tuple(fresh.NowState)), toString(tuple(live.NowStep)) != toString(tuple(fresh.NowStep)),
        toString(tuple(live.NowSystem)) != toString(tuple(fresh.NowSystem)), toString(tuple(live.NowActorType)) != toString(tuple(fresh.NowActorType)),
        toString(tuple(live.NowActorId)) != toString(tuple(fresh.NowActorId)), toString(tuple(live.NowSince)) != toString(tuple(fresh.NowSince)),
        toString(tuple(live.NowFailed)) != toString(tuple(fresh.NowFailed)), toString(tuple(live.OpenSteps)) != toString(tuple(fresh.OpenSteps)),
        toString(tuple(live.StepTotals)) != toString(tuple(fresh.StepTotals)), toString(tuple(live.Success)) != toString(tuple(fresh.Success)),
        toString(tuple(live.DueAt)) != toString(tuple(fresh.DueAt)), toString(tuple(live.Repeats)) != toString(tuple(fresh.Repeats)),
        toString(tuple(live.Rejections)) != toString(tuple(fresh.Rejections)), toString(tuple(live.Corrections)) != toString(tuple(fresh.Corrections)),
        toString(tuple(live.Compensations)) != toString(tuple(fresh.Compensations)), toString(tuple(live.Exceptions)) != toString(tuple(fresh.Exceptions)),
        toString(tuple(live.Approvals)) != toString(tuple(fresh.Approvals)), toString(tuple(live.Duplicates)) != toString(tuple(fresh.Duplicates)),
        toString(tuple(live.KeyTotals)) != toString(tuple(fresh.KeyTotals))]) AS Columns
FROM (SELECT * FROM cases FINAL) AS live
FULL OUTER JOIN (SELECT * FROM cases_afresh FINAL) AS fresh
    ON live.Tenant = fresh.Tenant AND live.Flow = fresh.Flow AND live.CaseId = fresh.CaseId
WHERE Kind != 'changed' OR notEmpty(Columns)
ORDER BY Tenant, Flow, CaseId
LIMIT 10000
