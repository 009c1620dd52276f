-- One row when an event of the flow links ids of these types; the first link found ends the search.
SELECT 1 AS Found
FROM links
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
    AND SourceType IN {sources:Array(String)} AND TargetType = {target:String}
LIMIT 1
