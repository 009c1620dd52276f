-- Cases whose first exception opened in the window, each once, with what the case was worth then.
-- @from
known
-- @columns
toUnixTimestamp64Nano(arrayMin(Exceptions.OpenedAt)) AS At,
NOT IsOpen AND Success AS recovered,
NOT IsOpen AND NOT Success AS lost,
IsOpen AS undecided,
arraySort((value, opened) -> opened, arrayZip(Exceptions.Value, Exceptions.ValueCurrency), Exceptions.OpenedAt)[1] AS first_value,
first_value.1 AS value,
isNull(value) AS unvalued,
[first_value.2] AS currency,
[ifNull(value, 0)] AS at_risk,
[if(recovered, ifNull(value, 0), 0)] AS recovered_value,
[if(lost, ifNull(value, 0), 0)] AS lost_value,
[if(undecided, ifNull(value, 0), 0)] AS undecided_value
-- @where
AND notEmpty(Exceptions.OpenedAt) AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
AND At >= {since:Int64} AND At < {until:Int64}
