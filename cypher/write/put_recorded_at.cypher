// Make or change RECORDED_AT from Record to Address.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})
MATCH (b:Address {address_id: row.to_key})
MERGE (a)-[x:RECORDED_AT {link_key: row.link_key}]->(b)
SET x += row.put
