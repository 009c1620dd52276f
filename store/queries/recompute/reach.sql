-- The ids that the wanted cases are stored to reach.
SELECT DISTINCT Tenant, Flow, CaseId, IdType, IdValue
FROM reach_by_case
WHERE (Tenant, CaseId, Flow) IN (SELECT Tenant, CaseId, Flow FROM {scratch:Identifier} WHERE IdType = 'case' AND CaseId != '')
