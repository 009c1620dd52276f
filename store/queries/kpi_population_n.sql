-- How many cases are behind a figure: the pages of kpi_population.sql hold just these.
SELECT uniqExact(CaseId) AS N
FROM
(
    /* rows */
)
WHERE true
    /* conditions */
