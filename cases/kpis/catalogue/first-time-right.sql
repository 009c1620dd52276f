-- Cases that ended with success, and what had to be done again, refused, corrected or undone in them.
-- @from
ended
-- @columns
Success AS succeeded,
Success AND Repeats > 0 AS repeated,
Success AND Rejections > 0 AS rejected,
Success AND Corrections > 0 AS corrected,
Success AND Compensations > 0 AS compensated,
Success AND NOT (repeated OR rejected OR corrected OR compensated) AS right_first_time
