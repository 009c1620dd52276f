-- Exceptions that are open at given instants: how many, in how many cases, since when the oldest, and what those cases are worth,
-- each case once, by the exception that opened first. Slots are the instants: with their level (as in kpis/things.sql) and bucket.
SELECT
    Level,
    Bucket,
    Own,
    @split_columns
    sum(Open) AS Backlog,
    count() AS Cases,
    min(First) AS Oldest,
    sumMap([Worth.2], [ifNull(Worth.1, 0)]) AS Money
FROM
(
    SELECT
        slot.1 AS Level,
        slot.2 AS Bucket,
        if(Level = 3, '', RowOwn) AS Own,
        @split
        CaseId,
        count() AS Open,
        min(Since) AS First,
        argMin((amount, currency), Since) AS Worth
    FROM
    (
        SELECT *, @own AS RowOwn
        FROM
        (
            @rows
        )
    )
    ARRAY JOIN arrayFilter((slot, at) -> Since < at AND Upto >= at,
        arrayZip({slot_levels:Array(UInt8)}, {slot_buckets:Array(Int64)}), {slot_instants:Array(Int64)}) AS slot
    GROUP BY Level, Bucket, Own@split_keys, CaseId
)
GROUP BY Level, Bucket, Own@split_keys
LIMIT {limit:UInt32}
