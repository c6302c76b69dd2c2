// Make or change Record nodes: `put` holds every other property, null takes one away.
// params: $rows list of {key, put}
// returns: nothing
UNWIND $rows AS row
MERGE (n:Record {record_id: row.key, id: row.key})
SET n += row.put
