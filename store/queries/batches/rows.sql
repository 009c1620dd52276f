-- How many rows of a table came with a batch?
SELECT count() AS Rows FROM {table:Identifier} WHERE Batch = {batch:String}
