-- Which flows are there?
SELECT DISTINCT Flow
FROM
(
    SELECT Flow FROM flow_declarations WHERE Tenant = {tenant:String}
    UNION ALL
    SELECT Flow FROM cases WHERE Tenant = {tenant:String} GROUP BY Flow
)
ORDER BY Flow
