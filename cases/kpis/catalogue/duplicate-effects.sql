-- Effects that one idempotency key had twice, and how many attempts carry a key, in the cases that started in the window. A hop is
-- a step at a system; a key belongs to a step, so duplicate effects are told by step only.
-- @from
started
-- @columns
arrayConcat(
    arrayMap(hop -> CAST((hop.Step, hop.System, hop.Attempts, hop.Keyed, false, 0, 0),
        'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
        KeyTotals),
    arrayMap(one -> CAST((one.Step, '', 0, 0, true, 1, one.Effects - 1),
        'Tuple(step String, system String, hop_attempts UInt64, keyed UInt64, duplicate Bool, duplicates UInt64, surplus UInt64)'),
        if({grouping:String} = 'step', Duplicates, []))) AS hops,
notEmpty(Duplicates.Key) AS duplicate,
toUInt64(length(Duplicates.Key)) AS duplicates,
arraySum(Duplicates.Effects) - duplicates AS surplus,
arraySum(KeyTotals.Attempts) AS hop_attempts,
arraySum(KeyTotals.Keyed) AS keyed
