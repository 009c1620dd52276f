-- Which kinds of explicit link do the events of a flow carry, and about how many events carry each?
SELECT link.SourceType AS SourceType, link.TargetType AS TargetType, uniq(TraceId, SpanId) AS Events
FROM steps
ARRAY JOIN Links AS link
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
GROUP BY SourceType, TargetType
ORDER BY Events DESC, SourceType, TargetType
LIMIT 500
