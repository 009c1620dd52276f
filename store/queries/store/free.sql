-- How much room is left on the fullest disk of the store?
SELECT min(free_space) AS Bytes FROM system.disks
