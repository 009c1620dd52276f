-- The cases that are to be folded again, spread over runs of about equal size. Empty words and time 0 choose any.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
SELECT concat({run:String}, '-', toString(cityHash64(Tenant, Flow, CaseId) % {chunks:UInt32})), Tenant, Flow, CaseId
FROM
(
    SELECT DISTINCT Tenant, Flow, CaseId
    FROM cases
    WHERE {tenant:String} IN ('', Tenant) AND {flow:String} IN ('', Flow) AND LastEvent >= toDateTime({since:Int64}, 'UTC')
)
