-- Which tables say of each row with which batch it came?
SELECT name AS table
FROM system.tables
WHERE database = currentDatabase() AND engine LIKE '%MergeTree'
    AND name IN (SELECT table FROM system.columns WHERE database = currentDatabase() AND name = 'Batch')
ORDER BY name
