// Make or change POSSIBLY_SAME from Record to Record.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})
MATCH (b:Record {record_id: row.to_key})
MERGE (a)-[x:POSSIBLY_SAME {link_key: row.link_key}]->(b)
SET x += row.put
