-- group_by=: 1 of 1 statements are new.
-- What are the figures of KPIs whose rows are things, of which a case may have several? A case counts once in each cell, so each level of
-- totals is computed from the rows. Level 0: bucket and group, 1: group, 2: group without the split, 3: everything.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    uniqExactIf(CaseId, overdue) AS escalations__count_overdue,
    uniqExactIf(CaseId, late) AS escalations__count_late,
    uniqExactIf(CaseId, pending) AS escalations__count_pending,
    sum(overdue) AS escalations__sum_overdue,
    sum(approvals) AS escalations__sum_approvals,
    sum(with_timeout) AS escalations__sum_with_timeout,
    sum(late) AS escalations__sum_late,
    sum(pending) AS escalations__sum_pending
FROM
(
    SELECT * EXCEPT (Bucket), Bucket AS RowBucket, '' AS RowOwn
    FROM
    (
        SELECT
            CaseId,
            Dims,
            Outcome,
            toUnixTimestamp64Nano(Start) AS Began,
            roundDown(At, {edges:Array(Int64)}) AS Bucket,
            End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
            step,
            system,
            toUnixTimestamp64Nano(requested_at) AS At,
            isNotNull(decided_at) AND decided_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS decided,
            isNotNull(due_at) AND due_at < if(decided, assumeNotNull(decided_at), fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS overdue,
            overdue AND decided AS late,
            NOT decided AS pending,
            1 AS approvals,
            isNotNull(due_at) AS with_timeout
        FROM cases FINAL
        ARRAY JOIN
            Approvals.Step AS step, Approvals.System AS system, Approvals.RequestedAt AS requested_at, Approvals.DueAt AS due_at,
            Approvals.DecidedAt AS decided_at
        WHERE
            Tenant = {tenant:String} AND Flow = {flow:String}
            AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
            -- Whatever happened in a case happened no later than its last event; this is looked at first.
            AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own
LIMIT {limit:UInt32};
