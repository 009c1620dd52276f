-- Ids that the arrived events have turned into hubs: more ids lead to one than its flow allows. Only ids to which an arrived event
-- can have added a link are counted (see hubs/suspects.sql). What had been reached through them is still to be taken back.
INSERT INTO {hubs:Identifier} (Tenant, IdValue, IdType, Flow, Since, Settled)
WITH
    known AS
    (
        SELECT Tenant, IdValue, IdType, Flow FROM {hubs:Identifier}
    ),
    led_to AS
    (
        SELECT Tenant, TargetValue, TargetType, Flow, uniqExact(SourceType, SourceValue) AS Sources
        FROM {links_by_target:Identifier}
        WHERE (Tenant, TargetValue, TargetType) IN
        (
            SELECT Tenant, id.2, id.1
            FROM {source:Identifier}
            ARRAY JOIN arrayConcat(Refs, arrayMap(l -> (l.3, l.4), Links), [('trace', TraceId)]) AS id
            WHERE Batch IN {batches:Array(String)} AND (Tenant, id.2, id.1, Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM known)
        )
        GROUP BY Tenant, TargetValue, TargetType, Flow
    )
SELECT l.Tenant AS Tenant, l.TargetValue AS IdValue, l.TargetType AS IdType, l.Flow AS Flow, now64(3, 'UTC') AS Since, 0 AS Settled
FROM led_to AS l
LEFT JOIN flow_declarations AS d FINAL ON l.Tenant = d.Tenant AND l.Flow = d.Flow
WHERE l.Sources > if(d.Flow = '', {default_limit:UInt32}, d.HubLimit)
    AND (l.Tenant, l.TargetValue, l.TargetType, l.Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM known)
