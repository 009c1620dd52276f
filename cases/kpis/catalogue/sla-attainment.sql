-- Cases whose service level was decided in the window: they ended no later than they were due, or the due time passed.
-- @from
known
-- @columns
assumeNotNull(DueAt) AS due,
isNotNull(End) AND assumeNotNull(End) <= due AS met,
toUnixTimestamp64Nano(if(met, assumeNotNull(End), due)) AS At,
NOT met AS breached,
breached AND IsOpen AS breached_open
-- @where
AND isNotNull(DueAt) AND At >= {since:Int64} AND At < {until:Int64}
