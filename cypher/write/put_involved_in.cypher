// Make or change INVOLVED_IN from Record to Contact.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})
MATCH (b:Contact {contact_id: row.to_key})
MERGE (a)-[x:INVOLVED_IN {link_key: row.link_key}]->(b)
SET x += row.put
