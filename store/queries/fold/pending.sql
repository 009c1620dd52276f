-- Which batches have arrived and are not folded, oldest first?
SELECT Batch
FROM arrivals
WHERE Batch NOT IN (SELECT Batch FROM {folded:Identifier})
GROUP BY Batch
ORDER BY min(ArrivedAt), Batch
LIMIT {limit:UInt32}
