-- Cases that ended, and those of them in which a step of one object was done again.
SELECT
    Repeats > 0 AS reworked,
    Repeats AS repeats
FROM ended
