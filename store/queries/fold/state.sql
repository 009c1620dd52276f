-- What did the fold last remember under a name?
SELECT Value FROM fold_state WHERE Name = {name:String} ORDER BY At DESC LIMIT 1
