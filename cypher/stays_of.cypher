// Where people are recorded, by which record.
// params: $person_ids list, $grants map
// returns: person_id, record_id, share_key, agency_id, dataset, record_updated_on, address_id, line, postcode, uprn, kind, from_date, to_date, updated_on, level, withheld
UNWIND $person_ids AS person_id
MATCH (p:Person {person_id: person_id})<-[:IDENTIFIES]-(r:Record)-[x:RECORDED_AT]->(a:Address)
WITH a, x, r, p, $grants[r.share_key] AS g
WHERE g IS NOT NULL
  AND (r.updated_on IS NULL OR r.updated_on >= g.since)
  AND (g.restricted OR NOT p.restricted)
RETURN p.person_id AS person_id, r.record_id AS record_id, r.share_key AS share_key,
  r.agency_id AS agency_id, r.dataset AS dataset, r.updated_on AS record_updated_on,
  a.address_id AS address_id,
  a.line AS line, a.postcode AS postcode, a.uprn AS uprn, a.kind AS kind,
  x.from_date AS from_date, x.to_date AS to_date, x.updated_on AS updated_on,
  g.level AS level, g.withheld AS withheld
