// Take away OCCUPIES from Household to Address.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Household {household_id: row.from_key})-[x:OCCUPIES {link_key: row.link_key}]->(b:Address {address_id: row.to_key})
DELETE x
