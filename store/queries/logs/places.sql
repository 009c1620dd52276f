-- Where are the log records that carry an id which a case reaches? otel_logs is sorted by trace and time. A record without flow.name
-- counts in any flow; log_keys calls the flow of one with a case id "unnamed".
SELECT DISTINCT TraceId, toUnixTimestamp64Nano(Timestamp) AS Ns, toDate(ReceivedAt) AS Day
FROM log_keys
PREWHERE Tenant = {tenant:String} AND (KeyValue, KeyType) IN {keys:Array(Tuple(String, String))}
WHERE Flow IN ('', 'unnamed', {flow:String})
LIMIT {limit:UInt32}
