// Take away Indicator nodes and what hangs on them.
// params: $rows list of {key}
// returns: nothing
UNWIND $rows AS row
MATCH (n:Indicator {indicator_id: row.key})
DETACH DELETE n
