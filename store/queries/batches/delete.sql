DELETE FROM {table:Identifier} WHERE Batch = {batch:String}
