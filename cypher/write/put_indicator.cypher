// Make or change Indicator nodes: `put` holds every other property, null takes one away.
// params: $rows list of {key, put}
// returns: nothing
UNWIND $rows AS row
MERGE (n:Indicator {indicator_id: row.key, id: row.key})
SET n += row.put
