-- Whether there is any case.
SELECT 1 AS One FROM cases LIMIT 1
