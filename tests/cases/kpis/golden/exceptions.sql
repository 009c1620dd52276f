-- group_by=: 3 of 3 statements are new.
-- How many exceptions are open at given instants, in how many cases, since when the oldest, and what are those cases worth? Each case
-- counts once, by the exception that opened first. A slot is an instant with its level (as in kpis/things.sql) and bucket.
SELECT
    Level,
    Bucket,
    Own,
    Split0,
    sum(Open) AS Backlog,
    count() AS Cases,
    min(First) AS Oldest,
    sumMap([Worth.Currency], [ifNull(Worth.Amount, 0)]) AS Money
FROM
(
    SELECT
        {slot_levels:Array(UInt8)}[slot] AS Level,
        {slot_buckets:Array(Int64)}[slot] AS Bucket,
        if(Level = 3, '', RowOwn) AS Own,
        if(Level >= 2, '', class) AS Split0,
        CaseId,
        count() AS Open,
        min(Since) AS First,
        argMin(CAST((amount, currency), 'Tuple(Amount Nullable(Decimal(18, 6)), Currency String)'), Since) AS Worth
    FROM
    (
        SELECT *, '' AS RowOwn
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                class,
                code,
                step,
                system,
                toUnixTimestamp64Nano(opened_at) AS Since,
                Since AS At,
                if(isNull(closed_at), 9223372036854775807, toUnixTimestamp64Nano(assumeNotNull(closed_at))) AS Upto,
                value AS amount,
                currency
            FROM cases FINAL
            ARRAY JOIN
                Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.Value AS value, Exceptions.ValueCurrency AS currency
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                AND Since < {until:Int64} AND Upto >= {since:Int64}
        )
    )
    ARRAY JOIN arrayFilter((slot, at) -> Since < at AND Upto >= at,
        arrayEnumerate({slot_instants:Array(Int64)}), {slot_instants:Array(Int64)}) AS slot
    GROUP BY Level, Bucket, Own, Split0, CaseId
)
GROUP BY Level, Bucket, Own, Split0
LIMIT {limit:UInt32};

-- At which time does the Kaplan-Meier curve of each group of rows fall to the given shares? Levels as in kpis/things.sql.
--
-- Keys are the follow-up times in order: twice the nanoseconds, plus 1 for a row that is not over, so that of equal times the end comes first.
-- If every row were over, S after the i-th of n would be (n-i)/n; one that is not over, at rank p, multiplies it by (n-p+1)/(n-p) from there
-- on. Between two such ranks the equation is solved directly, so arrays are no longer than the number of rows that are not over.
-- First and FirstSurely are the ranks at which S has fallen to the share within ±tolerance: where they differ, the caller decides in integers.
-- Ranks count from 1; 0 means that the curve does not fall that far.
SELECT
    Level,
    Bucket,
    Own,
    Split0,
    Cases,
    length(Open) AS InFlight,
    intDiv(Keys[-1], 2) AS Followed,
    First,
    FirstSurely,
    arrayMap(i -> intDiv(Keys[i], 2), First) AS Times,
    arrayMap(i -> intDiv(Keys[i], 2), FirstSurely) AS TimesSurely,
    if(First = FirstSurely, [], arrayFilter(p -> p < arrayMax(First), Open)) AS OpenBefore,
    Oldest
FROM
(
    SELECT
        *,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 + {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS First,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 - {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS FirstSurely
    FROM
    (
        SELECT
            Level,
            if(Level = 0, RowBucket, 0) AS Bucket,
            if(Level = 3, '', RowOwn) AS Own,
            if(Level >= 2, '', class) AS Split0,
            toInt64(count()) AS Cases,
            minIf(Since, NOT Over) AS Oldest,
            arraySort(groupArray(Key)) AS Keys,
            arrayFilter((p, key) -> key % 2 = 1, arrayMap(p -> toInt64(p), arrayEnumerate(Keys)), Keys) AS Open,
            arrayPushFront(Open, toInt64(0)) AS After,
            arrayPushBack(Open, Cases + 1) AS Before,
            arrayPushFront(arrayMap(rise -> exp(rise), arrayCumSum(p -> log((Cases - p + 1) / (Cases - p)), Open)), 1.) AS Rise
        FROM
        (
            SELECT
                * EXCEPT (Bucket),
                Bucket AS RowBucket,
                '' AS RowOwn,
                2 * greatest(Upto - Since, 0) + NOT Over AS Key
            FROM
            (
                SELECT
                    CaseId,
                    Dims,
                    Outcome,
                    toUnixTimestamp64Nano(Start) AS Began,
                    roundDown(At, {edges:Array(Int64)}) AS Bucket,
                    End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                    class,
                    code,
                    step,
                    system,
                    opened_at,
                    toUnixTimestamp64Nano(opened_at) AS At,
                    isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
                    At AS Since,
                    if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
                    1 AS opened,
                    Over AS resolved,
                    Over AND state = 'recovered' AS recovered
                FROM cases FINAL
                ARRAY JOIN
                    Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                    Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
                WHERE
                    Tenant = {tenant:String} AND Flow = {flow:String}
                    AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                    -- Whatever happened in a case happened no later than its last event; this is looked at first.
                    AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
            )
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, Bucket, Own, Split0
        LIMIT {limit:UInt32}
    )
);

-- What are the figures of KPIs whose rows are things, of which a case may have several? A case counts once in each cell, so each level of
-- totals is computed from the rows. Level 0: bucket and group, 1: group, 2: group without the split, 3: everything.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    if(Level >= 2, '', class) AS Split0,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    sum(opened) AS exceptions__sum_opened,
    sum(resolved) AS exceptions__sum_resolved,
    sum(recovered) AS exceptions__sum_recovered
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
            class,
            code,
            step,
            system,
            opened_at,
            toUnixTimestamp64Nano(opened_at) AS At,
            isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
            At AS Since,
            if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
            1 AS opened,
            Over AS resolved,
            Over AND state = 'recovered' AS recovered
        FROM cases FINAL
        ARRAY JOIN
            Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
            Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
        WHERE
            Tenant = {tenant:String} AND Flow = {flow:String}
            AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
            -- Whatever happened in a case happened no later than its last event; this is looked at first.
            AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own, Split0
LIMIT {limit:UInt32};

-- group_by=step: 3 of 3 statements are new.
-- How many exceptions are open at given instants, in how many cases, since when the oldest, and what are those cases worth? Each case
-- counts once, by the exception that opened first. A slot is an instant with its level (as in kpis/things.sql) and bucket.
SELECT
    Level,
    Bucket,
    Own,
    Split0,
    sum(Open) AS Backlog,
    count() AS Cases,
    min(First) AS Oldest,
    sumMap([Worth.Currency], [ifNull(Worth.Amount, 0)]) AS Money
FROM
(
    SELECT
        {slot_levels:Array(UInt8)}[slot] AS Level,
        {slot_buckets:Array(Int64)}[slot] AS Bucket,
        if(Level = 3, '', RowOwn) AS Own,
        if(Level >= 2, '', step) AS Split0,
        CaseId,
        count() AS Open,
        min(Since) AS First,
        argMin(CAST((amount, currency), 'Tuple(Amount Nullable(Decimal(18, 6)), Currency String)'), Since) AS Worth
    FROM
    (
        SELECT *, '' AS RowOwn
        FROM
        (
            SELECT
                CaseId,
                Dims,
                Outcome,
                toUnixTimestamp64Nano(Start) AS Began,
                roundDown(At, {edges:Array(Int64)}) AS Bucket,
                End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                class,
                code,
                step,
                system,
                toUnixTimestamp64Nano(opened_at) AS Since,
                Since AS At,
                if(isNull(closed_at), 9223372036854775807, toUnixTimestamp64Nano(assumeNotNull(closed_at))) AS Upto,
                value AS amount,
                currency
            FROM cases FINAL
            ARRAY JOIN
                Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.Value AS value, Exceptions.ValueCurrency AS currency
            WHERE
                Tenant = {tenant:String} AND Flow = {flow:String}
                AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                AND Since < {until:Int64} AND Upto >= {since:Int64}
        )
    )
    ARRAY JOIN arrayFilter((slot, at) -> Since < at AND Upto >= at,
        arrayEnumerate({slot_instants:Array(Int64)}), {slot_instants:Array(Int64)}) AS slot
    GROUP BY Level, Bucket, Own, Split0, CaseId
)
GROUP BY Level, Bucket, Own, Split0
LIMIT {limit:UInt32};

-- At which time does the Kaplan-Meier curve of each group of rows fall to the given shares? Levels as in kpis/things.sql.
--
-- Keys are the follow-up times in order: twice the nanoseconds, plus 1 for a row that is not over, so that of equal times the end comes first.
-- If every row were over, S after the i-th of n would be (n-i)/n; one that is not over, at rank p, multiplies it by (n-p+1)/(n-p) from there
-- on. Between two such ranks the equation is solved directly, so arrays are no longer than the number of rows that are not over.
-- First and FirstSurely are the ranks at which S has fallen to the share within ±tolerance: where they differ, the caller decides in integers.
-- Ranks count from 1; 0 means that the curve does not fall that far.
SELECT
    Level,
    Bucket,
    Own,
    Split0,
    Cases,
    length(Open) AS InFlight,
    intDiv(Keys[-1], 2) AS Followed,
    First,
    FirstSurely,
    arrayMap(i -> intDiv(Keys[i], 2), First) AS Times,
    arrayMap(i -> intDiv(Keys[i], 2), FirstSurely) AS TimesSurely,
    if(First = FirstSurely, [], arrayFilter(p -> p < arrayMax(First), Open)) AS OpenBefore,
    Oldest
FROM
(
    SELECT
        *,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 + {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS First,
        arrayMap(share -> arrayFirst((i, before) -> i < before, arrayMap(
            (rise, p) -> greatest(toInt64(ceil(Cases - share * (1 - {tolerance:Float64}) * Cases / rise)), p + 1), Rise, After), Before),
            {shares:Array(Float64)}) AS FirstSurely
    FROM
    (
        SELECT
            Level,
            if(Level = 0, RowBucket, 0) AS Bucket,
            if(Level = 3, '', RowOwn) AS Own,
            if(Level >= 2, '', step) AS Split0,
            toInt64(count()) AS Cases,
            minIf(Since, NOT Over) AS Oldest,
            arraySort(groupArray(Key)) AS Keys,
            arrayFilter((p, key) -> key % 2 = 1, arrayMap(p -> toInt64(p), arrayEnumerate(Keys)), Keys) AS Open,
            arrayPushFront(Open, toInt64(0)) AS After,
            arrayPushBack(Open, Cases + 1) AS Before,
            arrayPushFront(arrayMap(rise -> exp(rise), arrayCumSum(p -> log((Cases - p + 1) / (Cases - p)), Open)), 1.) AS Rise
        FROM
        (
            SELECT
                * EXCEPT (Bucket),
                Bucket AS RowBucket,
                '' AS RowOwn,
                2 * greatest(Upto - Since, 0) + NOT Over AS Key
            FROM
            (
                SELECT
                    CaseId,
                    Dims,
                    Outcome,
                    toUnixTimestamp64Nano(Start) AS Began,
                    roundDown(At, {edges:Array(Int64)}) AS Bucket,
                    End IS NULL OR End >= fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS IsOpen,
                    class,
                    code,
                    step,
                    system,
                    opened_at,
                    toUnixTimestamp64Nano(opened_at) AS At,
                    isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
                    At AS Since,
                    if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
                    1 AS opened,
                    Over AS resolved,
                    Over AND state = 'recovered' AS recovered
                FROM cases FINAL
                ARRAY JOIN
                    Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
                    Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
                WHERE
                    Tenant = {tenant:String} AND Flow = {flow:String}
                    AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
                    -- Whatever happened in a case happened no later than its last event; this is looked at first.
                    AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
            )
        )
        ARRAY JOIN {levels:Array(UInt8)} AS Level
        GROUP BY Level, Bucket, Own, Split0
        LIMIT {limit:UInt32}
    )
);

-- What are the figures of KPIs whose rows are things, of which a case may have several? A case counts once in each cell, so each level of
-- totals is computed from the rows. Level 0: bucket and group, 1: group, 2: group without the split, 3: everything.
SELECT
    Level,
    if(Level = 0, RowBucket, 0) AS Bucket,
    if(Level = 3, '', RowOwn) AS Own,
    if(Level >= 2, '', step) AS Split0,
    uniqExact(CaseId) AS Cases,
    uniqExactIf(CaseId, IsOpen) AS InFlight,
    minIf(Began, IsOpen) AS Oldest,
    sum(opened) AS exceptions__sum_opened,
    sum(resolved) AS exceptions__sum_resolved,
    sum(recovered) AS exceptions__sum_recovered
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
            class,
            code,
            step,
            system,
            opened_at,
            toUnixTimestamp64Nano(opened_at) AS At,
            isNotNull(closed_at) AND closed_at < fromUnixTimestamp64Nano({as_of:Int64}, 'UTC') AS Over,
            At AS Since,
            if(Over, toUnixTimestamp64Nano(assumeNotNull(closed_at)), {as_of:Int64}) AS Upto,
            1 AS opened,
            Over AS resolved,
            Over AND state = 'recovered' AS recovered
        FROM cases FINAL
        ARRAY JOIN
            Exceptions.Class AS class, Exceptions.Code AS code, Exceptions.Step AS step, Exceptions.System AS system,
            Exceptions.OpenedAt AS opened_at, Exceptions.ClosedAt AS closed_at, Exceptions.State AS state
        WHERE
            Tenant = {tenant:String} AND Flow = {flow:String}
            AND Start < fromUnixTimestamp64Nano({until:Int64}, 'UTC')
            -- Whatever happened in a case happened no later than its last event; this is looked at first.
            AND LastEvent >= fromUnixTimestamp64Nano({since:Int64}, 'UTC') AND At >= {since:Int64} AND At < {until:Int64}
    )
)
ARRAY JOIN {levels:Array(UInt8)} AS Level
GROUP BY Level, Bucket, Own, Split0
LIMIT {limit:UInt32};
