-- The fold remembers something.
INSERT INTO fold_state (Name, Value) SELECT {name:String}, {value:UInt64}
