-- How long each case took from its first event to its end, or has taken so far.
-- @from
started
-- @columns
NOT IsOpen AS Over,
Began AS Since,
if(IsOpen, {as_of:Int64}, toUnixTimestamp64Nano(assumeNotNull(End))) AS Upto
