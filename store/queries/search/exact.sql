-- Which cases reach exactly one of these ids, whatever its type, and which have it on their own steps?
-- Each half is read in the order of its table's key and there is no DISTINCT, so of a value that a million cases carry no more is read than
-- the limit. A case may come from both halves, and twice from rows that are not merged yet; the caller drops repetitions.
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
