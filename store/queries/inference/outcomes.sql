-- How did the cases of a flow end? '' is in flight.
SELECT Outcome, count() AS Cases
FROM cases FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
GROUP BY Outcome
ORDER BY Cases DESC, Outcome
