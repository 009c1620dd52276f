-- Whether a hop added anything.
SELECT 1 AS One FROM fold_reached WHERE Fold = {fold:String} AND Hop = {hop:UInt8} LIMIT 1
