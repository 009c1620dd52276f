-- Which hubs has a flow, and how many ids lead to each? The largest first.
SELECT
    h.IdType AS IdType,
    h.IdValue AS IdValue,
    min(h.Since) AS Since,
    uniqExact(l.SourceType, l.SourceValue) AS Sources
FROM hubs AS h
INNER JOIN
(
    SELECT TargetValue, TargetType, SourceType, SourceValue
    FROM links_by_target
    WHERE Tenant = {tenant:String} AND Flow = {flow:String}
        AND (Tenant, TargetValue, TargetType) IN (SELECT Tenant, IdValue, IdType FROM hubs WHERE Tenant = {tenant:String} AND Flow = {flow:String})
) AS l ON h.IdValue = l.TargetValue AND h.IdType = l.TargetType
WHERE h.Tenant = {tenant:String} AND h.Flow = {flow:String}
GROUP BY IdType, IdValue
ORDER BY Sources DESC, IdType, IdValue
LIMIT {limit:UInt32}
