// Set the watermark: how far the projection under way, or the last one, has come.
// params: $put map of properties
// returns: nothing
MERGE (n:Projection {projection_key: 'graph'})
SET n += $put
