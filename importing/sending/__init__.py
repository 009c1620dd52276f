"""Events leave: ``spans`` encodes them as OTLP, ``requests`` cuts them into requests, ``client`` sends those."""
