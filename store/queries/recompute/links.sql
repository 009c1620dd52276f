-- Which stored links lead on from these ids?
SELECT DISTINCT Tenant, Flow, SourceType, SourceValue, TargetType, TargetValue
FROM links
WHERE (Tenant, SourceType, SourceValue) IN (SELECT Tenant, IdType, IdValue FROM {scratch:Identifier} WHERE Flow = {round:String})
