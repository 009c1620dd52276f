-- Which steps, dimensions and outcomes do the cases of a flow show, and which values of one dimension ('' for none)? One DISTINCT for
-- each, which costs a third of gathering arrays.
SELECT DISTINCT 'step' AS Kind, arrayJoin(StepTotals.Step) AS Name
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
UNION ALL
SELECT DISTINCT 'dimension', arrayJoin(Dims.keys)
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
UNION ALL
SELECT DISTINCT 'outcome', Outcome
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND Outcome != ''
UNION ALL
SELECT 'route', Value
FROM
(
    SELECT DISTINCT Dims[{dimension:String}] AS Value
    FROM cases FINAL
    WHERE Tenant = {tenant:String} AND Flow = {flow:String} AND {dimension:String} != '' AND mapContains(Dims, {dimension:String})
    LIMIT 1000
)
