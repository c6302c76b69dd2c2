// Take away INVOLVED_IN from Record to Contact.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})-[x:INVOLVED_IN {link_key: row.link_key}]->(b:Contact {contact_id: row.to_key})
DELETE x
