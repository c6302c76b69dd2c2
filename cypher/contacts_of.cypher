// Contacts that people have a part in, by records the viewer may see.
// params: $person_ids list, $grants map
// returns: person_id, record_id, record_level, role, contact_id, share_key, agency_id, dataset, category, service, on_date, status, severity, reference, summary, ring, guarded, level, withheld
UNWIND $person_ids AS person_id
MATCH (p:Person {person_id: person_id})<-[:IDENTIFIES]-(r:Record)-[x:INVOLVED_IN]->(c:Contact)
WITH p, r, x, c, $grants[c.share_key] AS g, $grants[r.share_key] AS h
WHERE g IS NOT NULL AND (c.on_date IS NULL OR c.on_date >= g.since)
  AND h IS NOT NULL AND (r.updated_on IS NULL OR r.updated_on >= h.since)
  AND ((g.restricted AND h.restricted) OR NOT p.restricted)
RETURN p.person_id AS person_id, r.record_id AS record_id, h.level AS record_level,
  x.role AS role, c.contact_id AS contact_id,
  c.share_key AS share_key, c.agency_id AS agency_id, c.dataset AS dataset,
  c.category AS category, c.service AS service, c.on_date AS on_date, c.status AS status,
  c.severity AS severity, c.reference AS reference, c.summary AS summary, c.ring AS ring,
  NOT g.restricted AND EXISTS { MATCH (c)<-[:INVOLVED_IN]-(:Record)-[:IDENTIFIES]->(q:Person) WHERE q.restricted } AS guarded,
  g.level AS level, g.withheld AS withheld
