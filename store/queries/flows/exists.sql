-- Is the flow declared, or does it have a case? A row if so. Reads one granule.
SELECT 1 AS Found
FROM
(
    SELECT Flow FROM flow_declarations WHERE Tenant = {tenant:String} AND Flow = {flow:String} LIMIT 1
    UNION ALL
    SELECT Flow FROM cases WHERE Tenant = {tenant:String} AND Flow = {flow:String} LIMIT 1
)
LIMIT 1
