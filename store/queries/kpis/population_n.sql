-- How many cases are behind a figure? As many as all pages of kpis/population.sql hold.
SELECT uniqExact(CaseId) AS N
FROM
(
    @rows
)
WHERE true
    @conditions
