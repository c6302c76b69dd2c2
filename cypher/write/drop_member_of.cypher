// Take away MEMBER_OF from Person to Household.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Person {person_id: row.from_key})-[x:MEMBER_OF {link_key: row.link_key}]->(b:Household {household_id: row.to_key})
DELETE x
