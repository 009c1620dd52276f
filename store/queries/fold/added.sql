-- Whether a hop added anything.
SELECT 1 AS One FROM fold_reached WHERE Fold = {run:String} AND Hop = {hop:UInt8} LIMIT 1
