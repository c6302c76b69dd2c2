// Make or change IDENTIFIES from Record to Person.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})
MATCH (b:Person {person_id: row.to_key})
MERGE (a)-[x:IDENTIFIES {link_key: row.link_key}]->(b)
SET x += row.put
