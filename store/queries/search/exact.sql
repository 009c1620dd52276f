-- Cases that reach exactly one of these identifiers, whatever their type, then cases whose own steps carry it.
-- Each half is read in the order of its table's key and there is no DISTINCT, so a value that a million cases carry is read
-- no further than the limit. A case may come from both, and twice from rows not merged yet; the caller drops what repeats.
SELECT IdValue, IdType, Flow, CaseId
FROM
(
    SELECT 1 AS Place, IdValue, IdType, Flow, CaseId
    FROM reach
    WHERE Tenant = {tenant:String} AND IdValue IN {values:Array(String)}
    ORDER BY IdValue, IdType, Flow, CaseId
    LIMIT {limit:UInt32}
    UNION ALL
    SELECT 2 AS Place, IdValue, IdType, Flow, CaseId
    FROM ids
    WHERE Tenant = {tenant:String} AND IdValue IN {values:Array(String)}
    ORDER BY IdValue, IdType, Flow, CaseId
    LIMIT {limit:UInt32}
)
ORDER BY Place, IdType, Flow, CaseId
LIMIT {limit:UInt32}
