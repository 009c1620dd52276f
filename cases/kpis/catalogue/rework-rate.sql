-- Cases that ended, and those of them in which a step of one object was done again.
-- @from
ended
-- @columns
Repeats > 0 AS reworked,
Repeats AS repeats
