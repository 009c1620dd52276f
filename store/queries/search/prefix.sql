-- Cases that reach, or whose own steps carry, an identifier beginning with one of three spellings or written in one of these mixed
-- ones, in order of the identifier. Two halves without DISTINCT: see search/exact.sql. startsWith on a key column is a range of the
-- primary key, and quotes or % in the text mean nothing to it.
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
