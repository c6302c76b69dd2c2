// Take away HELD_BY from Record to Agency.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})-[x:HELD_BY {link_key: row.link_key}]->(b:Agency {agency_id: row.to_key})
DELETE x
