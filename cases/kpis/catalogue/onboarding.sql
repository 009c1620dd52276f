-- Cases that ended before the window's end, each with the week in which it ended.
-- @from
ended
-- @columns
Touches = 0 AND UnknownEvents = 0 AS untouched
