-- Which ids stand together on the steps that carry one of these ids? Trace is named only where a step without any id depends on it.
SELECT DISTINCT
    Tenant, Flow, CaseId, Refs.Type AS RefTypes, Refs.Value AS RefValues,
    Links.SourceType AS SourceTypes, Links.SourceValue AS SourceValues, Links.TargetType AS TargetTypes, Links.TargetValue AS TargetValues,
    if((Tenant, TraceId) IN (SELECT Tenant, KeyValue FROM steps WHERE KeyType = 'trace'), TraceId, '') AS Trace
FROM steps
ARRAY JOIN
    arrayConcat(Refs.Type, Links.SourceType, Links.TargetType, ['case', 'trace']) AS IdType,
    arrayConcat(Refs.Value, Links.SourceValue, Links.TargetValue, [CaseId, TraceId]) AS IdValue
WHERE (Tenant, IdType, IdValue) IN (SELECT Tenant, IdType, IdValue FROM {scratch:Identifier} WHERE Flow = {round:String})
