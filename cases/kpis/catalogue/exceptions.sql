-- Every exception that opened in the window: a step that failed for good, until it succeeds or its case ends.
-- @from
known
-- @columns
class,
code,
step,
system,
opened_at,
toUnixTimestamp64Nano(opened_at) AS At,
isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
At AS Since,
if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
1 AS opened,
Over AS resolved,
Over AND state = 'recovered' AS recovered
-- @array_join
Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
-- @where
-- Whatever happened in a case happened no later than its last event; this is looked at first.
AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
