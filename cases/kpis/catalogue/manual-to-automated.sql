-- How the cases that started in the window were routed, by the values that the flow declares for its routing dimension. A case's
-- cohort is its values of the declared cohort dimensions; it was routed manually before when more of its cases were routed
-- manually than automatically in the comparison bucket.
-- @from
started
-- @columns
has({automated_routes:Array(String)}, Dims[{route:String}]) AS automated,
has({manual_routes:Array(String)}, Dims[{route:String}]) AS manual,
NOT automated AND NOT manual AS unrouted,
NOT unrouted AS routed,
automated AND (Bucket, arrayMap(name -> Dims[name], {cohort:Array(String)})) IN
(
    SELECT
        arrayJoin(arrayFilter((bucket, begin, end) -> Began >= begin AND Began < end,
            {starts:Array(Int64)}, {compared_from:Array(Int64)}, {compared_to:Array(Int64)})) AS compared,
        arrayMap(name -> Dims[name], {cohort:Array(String)}) AS same
    FROM
    (
        SELECT toUnixTimestamp64Nano(Start) AS Began, Dims
        FROM cases FINAL
        WHERE Tenant = {tenant:String} AND Flow = {flow:String}
            AND Start >= fromUnixTimestamp64Nano(arrayMin({compared_from:Array(Int64)}), 'UTC')
            AND Start < fromUnixTimestamp64Nano(arrayMax({compared_to:Array(Int64)}), 'UTC')
            AND Start < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC')
    )
    GROUP BY compared, same
    HAVING countIf(has({manual_routes:Array(String)}, Dims[{route:String}]))
        > countIf(has({automated_routes:Array(String)}, Dims[{route:String}]))
) AS moved
