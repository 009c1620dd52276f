WITH '<trace id>' as trace_id
SELECT "TraceId" as traceID, "SpanId" as spanID, "ParentSpanId" as parentSpanID, "ServiceName" as serviceName,
    "SpanName" as operationName, multiply(toUnixTimestamp64Nano("Timestamp"), 0.000001) as startTime,
    multiply("Duration", 0.000001) as duration,
    arrayMap(key -> map('key', key, 'value', "SpanAttributes"[key]), mapKeys("SpanAttributes")) as tags,
    arrayMap(key -> map('key', key, 'value', "ResourceAttributes"[key]), mapKeys("ResourceAttributes")) as serviceTags,
    if(StatusCode IN ('Error', 'STATUS_CODE_ERROR'), 2, 0) as statusCode,
    arrayMap((name, timestamp, attributes) -> tuple(name, toString(toUnixTimestamp64Milli(timestamp)),
        arrayMap( key -> map('key', key, 'value', attributes[key]), mapKeys(attributes)))
        ::Tuple(name String, timestamp String, fields Array(Map(String, String))),
        "Events".Name, "Events".Timestamp, "Events".Attributes) AS logs,
    arrayMap((traceID, spanID, attributes) -> tuple(traceID, spanID,
        arrayMap(key -> map('key', key, 'value', attributes[key]), mapKeys(attributes)))
        ::Tuple(traceID String, spanID String, tags Array(Map(String, String))),
        "Links".TraceId, "Links".SpanId, "Links".Attributes) AS references,
    "SpanKind" as kind, "StatusMessage" as statusMessage, "ScopeName" as instrumentationLibraryName,
    "TraceState" as traceState
FROM "sql"."otel_traces" WHERE traceID = trace_id LIMIT 1000
