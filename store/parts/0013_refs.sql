    -- What the attributes of a span or log record say about its case. Ids of one type come as text, or as JSON text of an array.
    text -> if(startsWith(text, '[') AND isValidJSON(text), JSONExtract(text, 'Array(String)'), [text]) AS each_value,
    -- The typed ids, flow.ref.<type>; an empty one is none.
    attributes -> CAST(arrayFlatten(arrayMap(
        (name, text) -> if(startsWith(name, 'flow.ref.'), arrayMap(id -> (substring(name, 10), id), arrayFilter(id -> id != '', each_value(text))), []),
        mapKeys(attributes), mapValues(attributes))), 'Array(Tuple(Type String, Value String))') AS refs_of,
    -- A case id without a flow's name belongs to a flow of its own.
    attributes -> if(attributes['flow.name'] = '' AND attributes['flow.case.id'] != '', 'unnamed', attributes['flow.name']) AS flow_of
