// Take away Record nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Record {record_id: row.key})
DETACH DELETE n
