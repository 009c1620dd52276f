-- What did runs write for themselves that a stop kept them from dropping?
SELECT DISTINCT table AS Table, partition AS Run
FROM system.parts
WHERE database = currentDatabase() AND table IN ('fold_reached', 'fold_events') AND active AND modification_time < now() - INTERVAL 1 DAY
