// Take away Agency nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Agency {agency_id: row.key})
DETACH DELETE n
