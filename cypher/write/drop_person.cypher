// Take away Person nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Person {person_id: row.key})
DETACH DELETE n
