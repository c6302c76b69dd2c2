// Make or change SHOWS from Address to Indicator.
// params: $rows list of {from_key, to_key, link_key, put}
// returns: nothing
UNWIND $rows AS row
MATCH (a:Address {address_id: row.from_key})
MATCH (b:Indicator {indicator_id: row.to_key})
MERGE (a)-[x:SHOWS {link_key: row.link_key}]->(b)
SET x += row.put
