    -- The order of the events of a case as one number, because aggregation compares numbers fastest. From the top bit down:
    --
    --   Moment (UInt256)       bits 192-255  end, nanoseconds since 1970       the later event ended later,
    --                          bits 128-191  start, nanoseconds since 1970     or else began later,
    --                          bits  64-127  span id                           or else has the higher span id,
    --                          bits   0-63   trace id, its last 8 bytes        or else the higher trace id.
    --
    --   Preference (UInt256)   bit  254      finished                          of equal spans the finished one counts,
    --                          bits 190-253  received, nanoseconds since 1970  or else the one received last,
    --                          bits 127-189  end, nanoseconds since 1970       or else ended last,
    --                          bits  64-126  start, nanoseconds since 1970     or else begun last,
    --                          bits   0-63   span id, each bit turned          or else with the lowest span id.
    --
    -- An instant has 63 bits: it is never before 1970.
    (end_ns, start_ns, span_number, trace_number) -> bitShiftLeft(toUInt256(end_ns), 192) + bitShiftLeft(toUInt256(start_ns), 128)
        + bitShiftLeft(toUInt256(span_number), 64) + trace_number AS moment_of,
    (is_finished, received_ns, end_ns, start_ns, span_number) -> bitShiftLeft(toUInt256(is_finished), 254)
        + bitShiftLeft(toUInt256(received_ns), 190) + bitShiftLeft(toUInt256(end_ns), 127) + bitShiftLeft(toUInt256(start_ns), 64)
        + bitNot(span_number) AS preference_of,
    moment -> fromUnixTimestamp64Nano(toInt64(bitShiftRight(moment, 192)), 'UTC') AS ending,
    moment -> fromUnixTimestamp64Nano(toInt64(bitAnd(bitShiftRight(moment, 128), 18446744073709551615)), 'UTC') AS beginning,
    -- Not before any event that ended at the same time.
    moment -> bitOr(moment, bitShiftRight(bitNot(toUInt256(0)), 64)) AS last_of_its_end
