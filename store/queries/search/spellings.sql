-- How are ids written that mix capitals and small letters and otherwise equal these texts?
SELECT DISTINCT IdValue
FROM spellings
WHERE Tenant = {tenant:String} AND Folded IN (SELECT lowerUTF8(arrayJoin({texts:Array(String)})))
ORDER BY IdValue
LIMIT {limit:UInt32}
