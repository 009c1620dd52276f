-- Which cases differ between the live rows and those computed afresh, and in which columns?
--
-- Every column is compared but the key and the version, whichever columns there are. A row carries a hash of 128 bits for each: values
-- of any type compare as their text, in a tuple so that NULL is a value like others. Both tables have the columns of cases.
WITH
    (
        SELECT groupArray(name) FROM
        (
            SELECT name FROM system.columns
            WHERE database = currentDatabase() AND table = 'cases' AND name NOT IN ('Tenant', 'Flow', 'CaseId', 'Version')
            ORDER BY position
        )
    ) AS names
SELECT
    if(live.CaseId != '', live.Tenant, fresh.Tenant) AS Tenant,
    if(live.CaseId != '', live.Flow, fresh.Flow) AS Flow,
    if(live.CaseId != '', live.CaseId, fresh.CaseId) AS CaseId,
    multiIf(live.CaseId = '', 'missing', fresh.CaseId = '', 'extra', 'changed') AS Kind,
    -- A row that only one side has brings no hashes for the other: they are compared by place.
    arrayFilter((name, place) -> Kind = 'changed' AND live.Hashes[place] != fresh.Hashes[place], names, arrayEnumerate(names)) AS Columns
FROM
(
    SELECT Tenant, Flow, CaseId, [* EXCEPT (Tenant, Flow, CaseId, Version) APPLY (value -> sipHash128(toString(tuple(value))))] AS Hashes
    FROM cases FINAL
) AS live
FULL OUTER JOIN
(
    SELECT Tenant, Flow, CaseId, [* EXCEPT (Tenant, Flow, CaseId, Version) APPLY (value -> sipHash128(toString(tuple(value))))] AS Hashes
    FROM cases_afresh FINAL
) AS fresh
    ON live.Tenant = fresh.Tenant AND live.Flow = fresh.Flow AND live.CaseId = fresh.CaseId
WHERE Kind != 'changed' OR notEmpty(Columns)
ORDER BY Tenant, Flow, CaseId
LIMIT 10000
