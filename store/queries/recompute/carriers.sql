-- Which ids stand together on the steps that carry a wanted id. Trace is named only where a step without any id depends on it.
SELECT DISTINCT
    Tenant, Flow, CaseId, Refs.Type AS RefTypes, Refs.Value AS RefValues,
    Links.SourceType AS SourceTypes, Links.SourceValue AS SourceValues, Links.TargetType AS TargetTypes, Links.TargetValue AS TargetValues,
    if((Tenant, TraceId) IN (SELECT Tenant, KeyValue FROM steps WHERE KeyType = 'trace'), TraceId, '') AS Trace
FROM steps
ARRAY JOIN arrayConcat(
    arrayMap(r -> (r.1, r.2), Refs),
    arrayMap(l -> (l.1, l.2), Links),
    arrayMap(l -> (l.3, l.4), Links),
    [('case', CaseId), ('trace', TraceId)]) AS id
WHERE (Tenant, id.1, id.2) IN (SELECT Tenant, IdType, IdValue FROM {wanted:Identifier} WHERE Flow = {round:String})
