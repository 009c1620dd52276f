-- From now on the cases of a flow follow the declaration {applied}, whatever has been declared since.
INSERT INTO flow_declarations
SELECT * REPLACE ({applied:String} AS Applied, greatest(now64(3, 'UTC'), addMilliseconds(DeclaredAt, 1)) AS DeclaredAt)
FROM flow_declarations FINAL
WHERE Tenant = {tenant:String} AND Flow = {flow:String}
