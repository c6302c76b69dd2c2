// Who has a part in contacts, by records the viewer may see.
// params: $contact_ids list, $grants map
// returns: contact_id, person_id, record_id, role, level
UNWIND $contact_ids AS contact_id
MATCH (c:Contact {contact_id: contact_id})<-[x:INVOLVED_IN]-(r:Record)-[:IDENTIFIES]->(p:Person)
WITH p, r, x, c, $grants[c.share_key] AS g, $grants[r.share_key] AS h
WHERE g IS NOT NULL AND (c.on_date IS NULL OR c.on_date >= g.since)
  AND h IS NOT NULL AND (r.updated_on IS NULL OR r.updated_on >= h.since)
  AND ((g.restricted AND h.restricted) OR NOT p.restricted)
RETURN c.contact_id AS contact_id, p.person_id AS person_id, r.record_id AS record_id,
  x.role AS role, h.level AS level
