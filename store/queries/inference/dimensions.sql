-- Which dimensions do the cases of a flow have: how many cases each, about how many values, and some of them?
SELECT Name, count() AS Cases, uniq(DimValue) AS Values, arraySort(groupUniqArray(20)(DimValue)) AS Some
FROM cases FINAL
ARRAY JOIN mapKeys(Dims) AS Name, mapValues(Dims) AS DimValue
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
GROUP BY Name
ORDER BY Name
