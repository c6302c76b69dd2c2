// Take away LIVES_AT from Person to Address.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Person {person_id: row.from_key})-[x:LIVES_AT {link_key: row.link_key}]->(b:Address {address_id: row.to_key})
DELETE x
