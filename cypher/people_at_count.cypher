// How many people the viewer is shown at addresses, to tell hubs.
// params: $address_ids list, $grants map
// returns: address_id, people
UNWIND $address_ids AS address_id
MATCH (a:Address {address_id: address_id})<-[:RECORDED_AT]-(r:Record)-[:IDENTIFIES]->(p:Person)
WITH a, r, p, $grants[r.share_key] AS g
WHERE g IS NOT NULL AND g.level >= 2 AND g.places
  AND (r.updated_on IS NULL OR r.updated_on >= g.since)
  AND (g.restricted OR NOT p.restricted)
RETURN a.address_id AS address_id, count(DISTINCT p) AS people
