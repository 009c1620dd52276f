-- A case reaches itself: under its case id, and under its flow's lead type.
INSERT INTO {reach:Identifier} (Tenant, IdValue, IdType, Flow, CaseId)
SELECT DISTINCT a.Tenant, a.CaseId, type, a.Flow, a.CaseId
FROM
(
    SELECT DISTINCT Tenant, Flow, CaseId
    FROM {source:Identifier}
    WHERE Batch IN {batches:Array(String)} AND CaseId != ''
) AS a
LEFT JOIN (SELECT Tenant, Flow, Lead FROM flow_declarations FINAL) AS d ON a.Tenant = d.Tenant AND a.Flow = d.Flow
ARRAY JOIN if(d.Lead = '', ['case'], ['case', d.Lead]) AS type
WHERE (a.Tenant, a.CaseId, a.Flow, type) NOT IN
(
    SELECT Tenant, CaseId, Flow, IdType
    FROM {reach_by_case:Identifier}
    WHERE (Tenant, CaseId) IN (SELECT Tenant, CaseId FROM {source:Identifier} WHERE Batch IN {batches:Array(String)})
        AND IdValue = CaseId
)
