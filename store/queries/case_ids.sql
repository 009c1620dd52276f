-- The ids a case reaches, and how many other cases reach each. The general type 'case' is left out where the flow has a
-- word of its own for the lead object.
WITH own AS
(
    SELECT DISTINCT IdType, IdValue
    FROM reach_by_case
    WHERE Tenant = {tenant:String} AND CaseId = {case_id:String} AND Flow = {flow:String}
)
SELECT IdType, IdValue, uniqExact(Flow, CaseId) - 1 AS SharedWith
FROM reach
WHERE Tenant = {tenant:String} AND (IdValue, IdType) IN (SELECT IdValue, IdType FROM own)
    AND (IdType != 'case' OR NOT {case_id:String} IN (SELECT IdValue FROM own WHERE IdType != 'case'))
GROUP BY IdType, IdValue
ORDER BY IdType, IdValue
LIMIT 1000
