-- One more step for each of {count} cases all over the table, in one batch.
INSERT INTO otel_traces (
    Timestamp, TraceId, SpanId, SpanName, ServiceName, SpanAttributes, Duration, StatusCode, Tenant, ReceivedAt, Batch)
SELECT
    {at:DateTime64(9)},
    lower(hex(MD5(concat('late', toString(number), {turn:String})))),
    substring(lower(hex(MD5(concat({turn:String}, toString(number))))), 1, 16),
    'view-order',
    'erp',
    map('flow.name', 'order-to-cash', 'flow.step', 'view-order',
        'flow.case.id', concat('SO-', leftPad(toString(intDiv(number * {cases:UInt64}, {count:UInt64})), 9, '0'))),
    1000000,
    'Unset',
    'default',
    {at:DateTime64(9)},
    concat('late-', {turn:String})
FROM numbers({count:UInt64})
