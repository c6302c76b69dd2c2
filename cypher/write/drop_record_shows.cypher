// Take away SHOWS from Record to Indicator.
// params: $rows list of {from_key, to_key, link_key}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Record {record_id: row.from_key})-[x:SHOWS {link_key: row.link_key}]->(b:Indicator {indicator_id: row.to_key})
DELETE x
