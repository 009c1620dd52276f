-- These batches' cases are folded.
INSERT INTO folded_batches (Batch)
SELECT arrayJoin({batches:Array(String)})
