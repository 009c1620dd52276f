-- The dimensions of the cases of a flow: how many cases have each, about how many values, and some of these.
SELECT dim.1 AS Name, count() AS Cases, uniq(dim.2) AS Values, arraySort(groupUniqArray(20)(dim.2)) AS Some
FROM cases FINAL
ARRAY JOIN arrayZip(mapKeys(Dims), mapValues(Dims)) AS dim
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
GROUP BY Name
ORDER BY Name
