-- How much disk do the tables take, and in how many parts? Too many parts are the first sign of a store that cannot keep up.
SELECT sum(bytes_on_disk) AS Bytes, sum(rows) AS Rows, count() AS Parts
FROM system.parts
WHERE active AND database = currentDatabase()
