// Take away some nodes, whichever; repeated until none is gone.
// params: $limit integer
// returns: gone
MATCH (n)
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS gone
