-- What are the figures of KPIs whose rows are cases, by bucket and group? Each case is in one bucket, so the caller adds up over buckets and
-- groups. {edges} are the starts of the buckets and the end of the window, in nanoseconds; {until} is never after that end.
SELECT
    Bucket,
    @own AS Own,
    @split
    @figures
FROM
(
    @rows
)
GROUP BY Bucket, Own@split_keys
LIMIT {limit:UInt32}
