-- Does any event of the flow link ids of these types? A row if so; the first link ends the search.
SELECT 1 AS Found
FROM links
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND SourceType IN {sources:Array(String)} AND TargetType = {target:String}
LIMIT 1
