-- What a declared flow says beyond its paths. Applied says which of it the cases follow by now: after a change they are folded
-- again, and until that is done it differs from Document, also after a stop. SlaSeconds and TimeoutS: 0 is none.
ALTER TABLE flow_declarations
    ADD COLUMN IF NOT EXISTS HubLimit UInt32 DEFAULT 100 AFTER Segments,
    ADD COLUMN IF NOT EXISTS SlaSeconds UInt64 DEFAULT 0 AFTER HubLimit,
    ADD COLUMN IF NOT EXISTS Successes Array(String) DEFAULT ['completed'] AFTER SlaSeconds,
    ADD COLUMN IF NOT EXISTS Steps Array(Tuple(
        Step String, Kind String, Optional Bool, Loop Bool, TouchesDeclared Bool, Touches Array(String),
        PricePerAttempt Decimal(18, 6), PricePerSecond Decimal(18, 9), PriceCurrency String,
        TimeoutS UInt64, EscalateTo String, Ends String)) AFTER Successes,
    ADD COLUMN IF NOT EXISTS Applied String AFTER Document;
