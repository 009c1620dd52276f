-- What are the figures of KPIs whose rows are things, of which a case may have several? A case counts once in each cell, so each level of
-- totals is computed from the rows. Level 0: bucket and group, 1: group, 2: group without the split, 3: everything.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    @split
    @figures
FROM
(
    SELECT * EXCEPT (Bucket), Bucket AS RowBucket, @own AS RowOwn
    FROM
    (
        @rows
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own@split_keys
LIMIT {limit:UInt32}
