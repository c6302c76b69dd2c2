// Take away Contact nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Contact {contact_id: row.key})
DETACH DELETE n
