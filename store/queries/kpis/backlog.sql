-- How many exceptions are open at given instants, in how many cases, since when the oldest, and what are those cases worth? Each case
-- counts once, by the exception that opened first. A slot is an instant with its level (as in kpis/things.sql) and bucket.
SELECT
    Level,
    Bucket,
    Own,
    @split_columns
    sum(Open) AS Backlog,
    count() AS Cases,
    min(First) AS Oldest,
    sumMap([Worth.Currency], [ifNull(Worth.Amount, 0)]) AS Money
FROM
(
    SELECT
        {slot_levels:Array(UInt8)}[slot] AS Level,
        {slot_buckets:Array(Int64)}[slot] AS Bucket,
        if(Level = 3, '', RowOwn) AS Own,
        @split
        CaseId,
        count() AS Open,
        min(Since) AS First,
        argMin(CAST((amount, currency), 'Tuple(Amount Nullable(Decimal(18, 6)), Currency String)'), Since) AS Worth
    FROM
    (
        SELECT *, @own AS RowOwn
        FROM
        (
            @rows
        )
    )
    ARRAY JOIN arrayFilter((slot, at) -> Since < at AND Upto >= at,
        arrayEnumerate({slot_instants:Array(Int64)}), {slot_instants:Array(Int64)}) AS slot
    GROUP BY Level, Bucket, Own@split_keys, CaseId
)
GROUP BY Level, Bucket, Own@split_keys
LIMIT {limit:UInt32}
