-- Is there a step that a case of the flow may own or reach? A row if so.
SELECT 1 AS Found
FROM steps
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
LIMIT 1
