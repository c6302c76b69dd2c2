// Make or change AT from Contact to Address.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Contact {contact_id: row.from_key})
MATCH (b:Address {address_id: row.to_key})
MERGE (a)-[x:AT {link_key: row.link_key}]->(b)
SET x += row.put
