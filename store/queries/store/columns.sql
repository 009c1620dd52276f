-- Which columns does a table have, in their order?
SELECT name AS Name
FROM system.columns
WHERE database = currentDatabase() AND table = {table:String}
ORDER BY position
