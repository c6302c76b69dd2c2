// Make or change Household nodes: `put` holds every other property, null takes one away.
// params: $rows list of {key, put}
// returns: nothing
UNWIND $rows AS row
MERGE (n:Household {household_id: row.key, id: row.key})
SET n += row.put
