-- How many cases does rebuild/refold_touch.sql choose?
SELECT uniqExact(Tenant, Flow, CaseId) AS Cases
FROM cases
WHERE {tenant:String} IN ('', Tenant) AND {flow:String} IN ('', Flow) AND LastEvent >= toDateTime({since:Int64}, 'UTC')
