-- What the fold last remembered under a name.
SELECT Value FROM fold_state WHERE Name = {name:String} ORDER BY At DESC LIMIT 1
