// Contacts at addresses; one with somebody restricted in it is at none, lest it trace them.
// params: $address_ids list, $grants map
// returns: address_id, contact_id, share_key, agency_id, dataset, category, service, on_date, status, severity, reference, summary, ring, level, withheld
UNWIND $address_ids AS address_id
MATCH (a:Address {address_id: address_id})<-[:AT]-(c:Contact)
WITH a, c, $grants[c.share_key] AS g
WHERE g IS NOT NULL AND (c.on_date IS NULL OR c.on_date >= g.since)
  AND (g.restricted OR NOT EXISTS { MATCH (c)<-[:INVOLVED_IN]-(:Record)-[:IDENTIFIES]->(q:Person) WHERE q.restricted })
RETURN a.address_id AS address_id, c.contact_id AS contact_id,
  c.share_key AS share_key, c.agency_id AS agency_id, c.dataset AS dataset,
  c.category AS category, c.service AS service, c.on_date AS on_date, c.status AS status,
  c.severity AS severity, c.reference AS reference, c.summary AS summary, c.ring AS ring,
  g.level AS level, g.withheld AS withheld
