-- Is there any case? A row if so.
SELECT 1 AS One FROM cases LIMIT 1
