-- Remember a number under a name.
INSERT INTO fold_state (Name, Value) SELECT {name:String}, {value:UInt64}
