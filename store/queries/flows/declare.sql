-- Declare a flow. The new row is later than the one before it, also when the clock has stepped back.
INSERT INTO flow_declarations (
    Tenant, Flow, FlowVersion, Lead, Edges, Segments, HubLimit, SlaSeconds, Successes, Steps, Document, Applied, DeclaredAt)
SELECT
    {tenant:String}, {flow:String}, {version:String}, {lead:String},
    CAST(arrayZip({sources:Array(String)}, {targets:Array(String)}), 'Array(Tuple(Source String, Target String))'),
    {segments:Array(String)}, {hub_limit:UInt32}, {sla_s:UInt64}, {successes:Array(String)},
    JSONExtract({steps:String}, 'Array(Tuple(
        Step String, Kind String, Optional Bool, Loop Bool, TouchesDeclared Bool, Touches Array(String),
        PricePerAttempt Decimal(18, 6), PricePerSecond Decimal(18, 9), PriceCurrency String,
        TimeoutS UInt64, EscalateTo String, Ends String))'),
    {document:String}, {applied:String},
    greatest(now64(3, 'UTC'), addMilliseconds(
        (SELECT max(DeclaredAt) FROM flow_declarations WHERE Tenant = {tenant:String} AND Flow = {flow:String}), 1))
