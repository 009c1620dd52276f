-- Remember that the cases of these batches are folded.
INSERT INTO {folded:Identifier} (Batch)
SELECT arrayJoin({batches:Array(String)})
