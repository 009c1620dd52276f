-- Did a hop add anything? A row if so.
SELECT 1 AS One FROM fold_reached WHERE Fold = {run:String} AND Hop = {hop:UInt8} LIMIT 1
