-- Which ids are these cases stored to reach?
SELECT DISTINCT Tenant, Flow, CaseId, IdType, IdValue
FROM reach_by_case
WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM {scratch:Identifier} WHERE IdType = 'case' AND CaseId != '')
