-- One row when there is a step that a case of the flow may own or reach.
SELECT 1 AS Found
FROM steps
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
LIMIT 1
