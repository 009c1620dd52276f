SELECT count() AS found FROM {table:Identifier} WHERE Batch = {batch:String}
