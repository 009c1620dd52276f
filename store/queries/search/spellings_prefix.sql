-- How are ids written that mix capitals and small letters and otherwise begin like this text?
SELECT DISTINCT IdValue
FROM spellings
WHERE Tenant = {tenant:String} AND startsWith(Folded, lowerUTF8({text:String}))
ORDER BY IdValue
LIMIT {limit:UInt32}
