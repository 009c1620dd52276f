-- Every case, spread over runs of about equal size.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
SELECT concat({run:String}, '-', toString(cityHash64(Tenant, Flow, CaseId) % {chunks:UInt32})), Tenant, Flow, CaseId
FROM (SELECT DISTINCT Tenant, Flow, CaseId FROM all_arrivals WHERE CaseId != '')
