-- Which cases are to be folded again? Divided among runs of equal size in the order of their ids, as in rebuild/touch_all.sql. '' and time 0
-- mean any.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
SELECT concat({runs:String}, '-', toString(least(intDiv(Place - 1, {size:UInt32}), {chunks:UInt32} - 1))), Tenant, Flow, CaseId
FROM
(
    SELECT row_number() OVER (ORDER BY Tenant, CaseId, Flow) AS Place, Tenant, Flow, CaseId
    FROM
    (
        SELECT DISTINCT Tenant, Flow, CaseId
        FROM cases
        WHERE {tenant:String} IN ('', Tenant) AND {flow:String} IN ('', Flow) AND LastEvent >= toDateTime({since:Int64}, 'UTC')
    )
)
