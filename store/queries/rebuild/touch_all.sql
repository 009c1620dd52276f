-- Put every case into a run, in the order of their ids and in runs of equal size: a run then reads one stretch of what is stored by id.
-- The last run also takes the cases that came since they were counted.
INSERT INTO touched (Fold, Tenant, Flow, CaseId)
SELECT concat({runs:String}, '-', toString(least(intDiv(Place - 1, {size:UInt32}), {chunks:UInt32} - 1))), Tenant, Flow, CaseId
FROM
(
    SELECT row_number() OVER (ORDER BY Tenant, CaseId, Flow) AS Place, Tenant, Flow, CaseId
    FROM (SELECT DISTINCT Tenant, Flow, CaseId FROM all_arrivals WHERE CaseId != '')
)
