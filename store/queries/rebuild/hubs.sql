-- Which ids are hubs? All of them, as fold/2_hubs.sql finds them batch by batch. The table is sorted by what is counted. A known hub keeps
-- its date.
INSERT INTO {hubs:Identifier} (Tenant, IdValue, IdType, Flow, Since, Settled)
SELECT l.Tenant, l.TargetValue, l.TargetType, l.Flow, if(k.Since = 0, now64(3, 'UTC'), k.Since), 1
FROM
(
    SELECT Tenant, TargetValue, TargetType, Flow, uniqExact(SourceType, SourceValue) AS Sources
    FROM {links_by_target:Identifier}
    GROUP BY Tenant, TargetValue, TargetType, Flow
    HAVING Sources > {least_limit:UInt32}
) AS l
LEFT JOIN flow_declarations AS d FINAL ON l.Tenant = d.Tenant AND l.Flow = d.Flow
LEFT JOIN (SELECT Tenant, IdValue, IdType, Flow, min(Since) AS Since FROM hubs GROUP BY Tenant, IdValue, IdType, Flow) AS k
    ON l.Tenant = k.Tenant AND l.TargetValue = k.IdValue AND l.TargetType = k.IdType AND l.Flow = k.Flow
WHERE l.Sources > if(d.Flow = '', {default_limit:UInt32}, d.HubLimit)
SETTINGS optimize_aggregation_in_order = 1
