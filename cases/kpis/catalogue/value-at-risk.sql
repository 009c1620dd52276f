-- Cases whose first exception opened in the window, each once, with what the case was worth then.
-- @from
known
-- @columns
toUnixTimestamp64Nano(arrayMin(Exceptions.OpenedAt)) AS At,
NOT IsOpen AND Success AS recovered,
NOT IsOpen AND NOT Success AS lost,
IsOpen AS undecided,
-- The exception that opened first.
arraySort((place, opened) -> opened, arrayEnumerate(Exceptions.OpenedAt), Exceptions.OpenedAt)[1] AS first,
Exceptions.Value[first] AS value,
isNull(value) AS unvalued,
[Exceptions.ValueCurrency[first]] AS currency,
[ifNull(value, 0)] AS at_risk,
[if(recovered, ifNull(value, 0), 0)] AS recovered_value,
[if(lost, ifNull(value, 0), 0)] AS lost_value,
[if(undecided, ifNull(value, 0), 0)] AS undecided_value
-- @where
AND notEmpty(Exceptions.OpenedAt) AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC')
AND At >= {since:Int64} AND At < {until:Int64}
