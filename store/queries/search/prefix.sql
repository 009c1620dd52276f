-- Which cases reach, or have on their own steps, an id that begins with one of three spellings or is one of these mixed ones? In order of
-- the id. Two halves without DISTINCT: see search/exact.sql. startsWith on a key column is a range of the primary key, and quotes or % in
-- the text have no meaning for it.
SELECT IdValue, IdType, Flow, CaseId
FROM
(
    SELECT IdValue, IdType, Flow, CaseId
    FROM reach
    WHERE Tenant = {tenant:String}
        AND (startsWith(IdValue, {typed:String}) OR startsWith(IdValue, {upper:String}) OR startsWith(IdValue, {lower:String})
            OR IdValue IN {mixed:Array(String)})
    ORDER BY IdValue, IdType, Flow, CaseId
    LIMIT {limit:UInt32}
    UNION ALL
    SELECT IdValue, IdType, Flow, CaseId
    FROM ids
    WHERE Tenant = {tenant:String}
        AND (startsWith(IdValue, {typed:String}) OR startsWith(IdValue, {upper:String}) OR startsWith(IdValue, {lower:String})
            OR IdValue IN {mixed:Array(String)})
    ORDER BY IdValue, IdType, Flow, CaseId
    LIMIT {limit:UInt32}
)
ORDER BY IdValue, IdType, Flow, CaseId
LIMIT {limit:UInt32}
