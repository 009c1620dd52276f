-- Delete the rows of a table that came with a batch.
DELETE FROM {table:Identifier} WHERE Batch = {batch:String}
