-- Cases that ended, each in one band: touched; no touch but an event by an unknown actor; touchless.
-- @from
ended
-- @columns
Touches > 0 AS touched,
Touches = 0 AND UnknownEvents > 0 AS unknown,
Touches = 0 AND UnknownEvents = 0 AS touchless
