-- These batches' cases are folded.
INSERT INTO {folded:Identifier} (Batch)
SELECT arrayJoin({batches:Array(String)})
