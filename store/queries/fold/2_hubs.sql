-- Which ids have the events of these batches turned into hubs? More ids lead to one than its flow allows. Only ids to which such an
-- event can have added a link are counted (see hubs/suspects.sql). Not settled: cases still reach what they reached through them.
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
            SELECT Tenant, IdValue, IdType
            FROM {source:Identifier}
            ARRAY JOIN
                arrayConcat(Refs.Type, Links.TargetType, ['trace']) AS IdType,
                arrayConcat(Refs.Value, Links.TargetValue, [TraceId]) AS IdValue
            WHERE Batch IN {batches:Array(String)} AND (Tenant, IdValue, IdType, Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM known)
        )
        GROUP BY Tenant, TargetValue, TargetType, Flow
    )
SELECT l.Tenant AS Tenant, l.TargetValue AS IdValue, l.TargetType AS IdType, l.Flow AS Flow, now64(3, 'UTC') AS Since, 0 AS Settled
FROM led_to AS l
LEFT JOIN flow_declarations AS d FINAL ON l.Tenant = d.Tenant AND l.Flow = d.Flow
WHERE l.Sources > if(d.Flow = '', {default_limit:UInt32}, d.HubLimit)
    AND (l.Tenant, l.TargetValue, l.TargetType, l.Flow) NOT IN (SELECT Tenant, IdValue, IdType, Flow FROM known)
