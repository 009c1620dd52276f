SELECT "TraceId" as traceID, "ServiceName" as serviceName, "SpanName" as operationName, "Timestamp" as startTime,
    multiply("Duration", 0.000001) as duration
FROM "sql"."otel_traces"
WHERE ( Timestamp >= fromUnixTimestamp64Milli(1772323200000) AND Timestamp <= fromUnixTimestamp64Milli(1772409600000) )
    AND ( ParentSpanId = '' ) AND ( Duration > 0 )
ORDER BY Timestamp DESC, Duration DESC LIMIT 20
