-- Every approval that was requested in the window, and whether it was decided and in time, as far as is known.
-- @from
known
-- @columns
step,
system,
toUnixTimestamp64Nano(requested_at) AS At,
isNotNull(decided_at) AND decided_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS decided,
isNotNull(due_at) AND due_at < if(decided, assumeNotNull(decided_at), fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')) AS overdue,
overdue AND decided AS late,
NOT decided AS pending,
1 AS approvals,
isNotNull(due_at) AS with_timeout
-- @array_join
Approvals.Step AS step, Approvals.System AS system, Approvals.RequestedAt AS requested_at, Approvals.DueAt AS due_at,
Approvals.DecidedAt AS decided_at
-- @where
-- Whatever happened in a case happened no later than its last event; this is looked at first.
AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
