// Dated facts that hang on addresses; one about somebody restricted hangs on none.
// params: $address_ids list, $grants map
// returns: address_id, indicator_id, share_key, agency_id, dataset, kind, code, value, severity, valid_from, valid_to, ring, level, withheld
UNWIND $address_ids AS address_id
MATCH (a:Address {address_id: address_id})-[:SHOWS]->(i:Indicator)
WITH a, i, $grants[i.share_key] AS g
WHERE g IS NOT NULL AND (i.valid_to IS NULL OR i.valid_to >= g.since)
  AND (g.restricted OR NOT EXISTS { MATCH (i)<-[:SHOWS]-(:Record)-[:IDENTIFIES]->(q:Person) WHERE q.restricted })
RETURN a.address_id AS address_id, i.indicator_id AS indicator_id,
  i.share_key AS share_key, i.agency_id AS agency_id, i.dataset AS dataset, i.kind AS kind,
  i.code AS code, i.value AS value, i.severity AS severity, i.valid_from AS valid_from,
  i.valid_to AS valid_to, i.ring AS ring,
  g.level AS level, g.withheld AS withheld
