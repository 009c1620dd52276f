-- Cases that reach exactly one of these identifiers, whatever their type.
-- ORDER BY is the key of reach and there is no DISTINCT, so a value that a million cases reach is read no further than
-- the limit. Rows not merged yet may come twice; the caller drops them.
SELECT IdValue, IdType, Flow, CaseId
FROM reach
WHERE Tenant = {tenant:String} AND IdValue = {value:String}
ORDER BY IdValue, IdType, Flow, CaseId
LIMIT {limit:UInt32}
