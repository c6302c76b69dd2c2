// Take away POSSIBLY_SAME from Record to Record.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})-[x:POSSIBLY_SAME {link_key: row.link_key}]->(b:Record {record_id: row.to_key})
DELETE x
