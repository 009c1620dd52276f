-- Every exception that was open at some time from the start of the window: when it opened and when it closed, and what the case
-- was worth. An exception that is open at the end of what is known has Upto behind it.
-- @from
known
-- @columns
class,
code,
step,
system,
toUnixTimestamp64Nano(opened_at) AS Since,
Since AS At,
if(isNull(closed_at), 9223372036854775807, toUnixTimestamp64Nano(assumeNotNull(closed_at))) AS Upto,
value AS amount,
currency
-- @array_join
Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.Value AS value, Exceptions.ValueCurrency AS currency
-- @where
AND Since < {until:Int64} AND Upto >= {since:Int64}
