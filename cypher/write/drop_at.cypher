// Take away AT from Contact to Address.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Contact {contact_id: row.from_key})-[x:AT {link_key: row.link_key}]->(b:Address {address_id: row.to_key})
DELETE x
