-- The rows that KPIs count: the columns of a cohort and of each KPI. One level, because below another SELECT the store reads a
-- nested column whole.
SELECT
    @columns
FROM @from
@array_join
WHERE
    @where
