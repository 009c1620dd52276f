-- Which batches have arrived and are not folded, and how many events does each hold? The oldest of each tenant first, then the second
-- of each: whoever sent much does not keep others waiting. Tenants says how many there are at all.
SELECT
    Batch,
    Events,
    (SELECT uniqExact(Tenant) FROM arrivals) AS Tenants
FROM
(
    SELECT Batch, Since, Events, row_number() OVER (PARTITION BY Senders ORDER BY Since, Batch) AS Turn
    FROM
    (
        SELECT Batch, min(ArrivedAt) AS Since, count() AS Events, arraySort(groupUniqArray(Tenant)) AS Senders
        FROM arrivals
        WHERE Batch NOT IN (SELECT Batch FROM {folded:Identifier})
        GROUP BY Batch
    )
)
ORDER BY Turn, Since, Batch
LIMIT {limit:UInt32}
