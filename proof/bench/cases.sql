-- Spans by number, five to a case, through every view: a step with the order, one with the order and its item, one with the item
-- and the package (which two orders share), one with the package alone, one with the order and its invoice, which ends it. One
-- case in ten fails once at the carrier and is tried again in the same step, one in eight is worked on by a person, one in
-- fifty never ends. Trace and span ids are hashes: they hardly compress, as in life. A case begins every so many nanoseconds
-- of a year and takes about a day.
INSERT INTO otel_traces (
    Timestamp, TraceId, SpanId, ParentSpanId, SpanName, SpanKind, ServiceName, ResourceAttributes, ScopeName, SpanAttributes,
    Duration, StatusCode, StatusMessage, Tenant, ReceivedAt, Batch)
WITH
    intDiv(number, 5) AS one,
    number % 5 AS place,
    cityHash64(one, 1) AS dice,
    cityHash64(number, 2) AS die,
    intDiv(one, 2) AS pair,
    dice % 10 = 0 AND place = 3 AS is_failed,
    dice % 8 = 0 AND place = 1 AS is_human,
    dice % 50 != 7 AND place = 4 AS is_end,
    {first:Int64} + one * intDiv({length:Int64}, {cases:UInt64}) + place * (toInt64(dice % 36000) * 1000000000 + 60000000000) AS began,
    ['receive-order', 'pack-items', 'register-parcel', 'book-carrier', 'issue-invoice'][place + 1] AS step,
    ['shop', 'wms', 'wms', 'carrier', 'billing'][place + 1] AS system,
    leftPad(toString(one), 9, '0') AS number_of_order,
    lower(hex(murmurHash3_128(toString(pair)))) AS package
SELECT
    fromUnixTimestamp64Nano(began, 'UTC'),
    lower(hex(MD5(number_of_order))),
    substring(lower(hex(MD5(toString(number)))), 1, 16),
    '',
    step,
    'Internal',
    system,
    map('service.name', system, 'service.version', '1.4.2', 'host.name', concat(system, '-', toString(die % 3))),
    'flowtrail',
    mapFilter((k, v) -> v != '', map(
        'flow.name', 'order-to-cash',
        'flow.version', '1',
        'flow.step', step,
        'flow.case.id', if(place IN (0, 1, 4), concat('SO-', number_of_order), ''),
        'flow.ref.item', if(place IN (1, 2), concat('IT-', number_of_order, '-1'), ''),
        'flow.ref.package', if(place IN (2, 3), concat('PK-', substring(package, 1, 16)), ''),
        'flow.ref.invoice', if(place = 4, concat('INV-', number_of_order), ''),
        'flow.attempt', '1',
        'flow.idempotency_key', if(place = 3, substring(lower(hex(MD5(concat('key', toString(number))))), 1, 20), ''),
        'flow.actor.type', if(is_human, 'human', 'service'),
        'flow.actor.id', if(is_human, concat('clerk-', toString(die % 40)), system),
        'flow.action', if(is_human, 'edit', 'create'),
        'flow.dim.channel', ['web', 'shop', 'edi', 'phone'][dice % 4 + 1],
        'flow.dim.segment', ['small', 'middle', 'large'][dice % 3 + 1],
        'flow.dim.region', ['north', 'south', 'east', 'west'][dice % 4 + 1],
        'flow.value.amount', if(place = 0, toString(die % 100000 / 100), ''),
        'flow.value.currency', if(place = 0, 'EUR', ''),
        'flow.error.class', if(is_failed, 'infrastructure', ''),
        'error.type', if(is_failed, 'TIMEOUT', ''),
        'flow.case.outcome', if(is_end, if(dice % 12 = 0, 'rejected', 'completed'), ''))),
    50000000 + die % 2000000000,
    if(is_failed, 'Error', 'Unset'),
    if(is_failed, concat('No answer within ', toString(die % 30), ' s'), ''),
    'default',
    fromUnixTimestamp64Nano(least(began + 3000000000, {now:Int64}), 'UTC'),
    concat('bench-', toString(intDiv(number, {batch:UInt64})))
FROM numbers({begin:UInt64}, {count:UInt64})
SETTINGS max_insert_block_size = {block:UInt64}, min_insert_block_size_rows = {block:UInt64}, max_partitions_per_insert_block = 0
