-- What are the figures by step and system? A case counts once at each of them, so its counts do not add up.
SELECT
    Bucket,
    @own AS Own,
    @split
    @figures
FROM
(
    @rows
)
ARRAY JOIN @places AS place
GROUP BY Bucket, Own@split_keys
LIMIT {limit:UInt32}
