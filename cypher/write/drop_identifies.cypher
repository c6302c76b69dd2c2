// Take away IDENTIFIES from Record to Person.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})-[x:IDENTIFIES {link_key: row.link_key}]->(b:Person {person_id: row.to_key})
DELETE x
