-- How many cases are behind a figure: the pages of kpis/population.sql hold just these.
SELECT uniqExact(CaseId) AS N
FROM
(
    @rows
)
WHERE true
    @conditions
