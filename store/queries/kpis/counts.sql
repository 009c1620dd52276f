-- Figures of KPIs whose rows are cases, each in one bucket: what adds up over buckets and groups is added up by the caller.
-- edges are the bucket starts and the window's end, in nanoseconds; until is never after the window's end. The rows are those of
-- cases/kpis/catalogue.
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
