// Take away Address nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Address {address_id: row.key})
DETACH DELETE n
