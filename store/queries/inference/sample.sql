-- Which cases of a flow are looked at? Some, the same ones every time.
SELECT CaseId, isNotNull(End) AS Ended, if(Ended, dateDiff('second', Start, assumeNotNull(End)), 0) AS Seconds
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
ORDER BY cityHash64(CaseId), CaseId
LIMIT {cases:UInt32}
