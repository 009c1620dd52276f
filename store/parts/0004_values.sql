    -- An element of a list comes still encoded: one tag, then the value. A string's length needs as many bytes as the whole says.
    e -> substring(e, 3 + (length(e) > 129) + (length(e) > 16386) + (length(e) > 2097155)) AS element_string,
    e -> toString(reinterpretAsInt64(arraySum(arrayMap(
        i -> bitShiftLeft(toUInt64(bitAnd(ascii(substring(e, i, 1)), 127)), 7 * (i - 2)), range(2, length(e) + 1))))) AS element_integer,
    e -> multiIf(
        e = '', 'null',
        startsWith(e, unhex('0A')), toJSONString(element_string(e)),
        startsWith(e, unhex('10')), if(endsWith(e, unhex('01')), 'true', 'false'),
        startsWith(e, unhex('18')), element_integer(e),
        startsWith(e, unhex('21')), toString(reinterpretAsFloat64(substring(e, 2))),
        concat('"', base64Encode(e), '"')) AS element_json,
    v -> multiIf(
        v.value = 'string', v.string_value,
        v.value = 'int', toString(v.int_value),
        v.value = 'double', toString(v.double_value),
        v.value = 'bool', toString(v.bool_value),
        v.value = 'array', concat('[', arrayStringConcat(arrayMap(e -> element_json(e), v.array_value.values), ','), ']'),
        v.value = 'kvlist', concat('{', arrayStringConcat(arrayMap(m -> concat(toJSONString(m.key), ':', element_json(m.value)), v.kvlist_value.values), ','), '}'),
        v.value = 'bytes', base64Encode(v.bytes_value),
        '') AS value_text,
    attributes -> CAST((attributes.key, arrayMap(v -> value_text(v), attributes.value)), 'Map(LowCardinality(String), String)') AS attribute_map,
    counts -> CAST((counts.rule, counts.count), 'Map(LowCardinality(String), UInt32)') AS count_map,
    -- A time past the year 2262 does not fit; it is held at the last instant that does.
    t -> fromUnixTimestamp64Nano(toInt64(least(t, 9223372036854775807)), 'UTC') AS instant
