// Take away Household nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Household {household_id: row.key})
DETACH DELETE n
