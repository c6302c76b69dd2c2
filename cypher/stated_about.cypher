// Who is related to people, as records the viewer may see state it.
// params: $person_ids list, $grants map
// returns: person_id, record_id, other_person_id, other_record_id, relation, agency_id
UNWIND $person_ids AS person_id
MATCH (p:Person {person_id: person_id})<-[:IDENTIFIES]-(r:Record)
MATCH (r)<-[x:STATED]-(o:Record)-[:IDENTIFIES]->(q:Person)
WITH p, r, x, o, q, $grants[r.share_key] AS g, $grants[o.share_key] AS h
WHERE g IS NOT NULL AND g.level >= 2 AND (r.updated_on IS NULL OR r.updated_on >= g.since)
  AND h IS NOT NULL AND h.level >= 2 AND (o.updated_on IS NULL OR o.updated_on >= h.since)
  AND ((g.restricted AND h.restricted) OR NOT (p.restricted OR q.restricted))
RETURN p.person_id AS person_id, r.record_id AS record_id, q.person_id AS other_person_id,
  o.record_id AS other_record_id, x.relation AS relation, o.agency_id AS agency_id
