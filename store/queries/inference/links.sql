-- The kinds of explicit link on the events of a flow, and about how many events carry one.
SELECT link.SourceType AS SourceType, link.TargetType AS TargetType, uniq(TraceId, SpanId) AS Events
FROM steps
ARRAY JOIN Links AS link
WHERE Tenant = {tenant:String} AND Flow IN ('', {flow:String})
GROUP BY SourceType, TargetType
ORDER BY Events DESC, SourceType, TargetType
LIMIT 500
