// Dated facts about people, by records the viewer may see.
// params: $person_ids list, $grants map
// returns: person_id, record_id, record_level, indicator_id, share_key, agency_id, dataset, kind, code, value, severity, valid_from, valid_to, ring, level, withheld
UNWIND $person_ids AS person_id
MATCH (p:Person {person_id: person_id})<-[:IDENTIFIES]-(r:Record)-[:SHOWS]->(i:Indicator)
WITH p, r, i, $grants[i.share_key] AS g, $grants[r.share_key] AS h
WHERE g IS NOT NULL AND (i.valid_to IS NULL OR i.valid_to >= g.since)
  AND h IS NOT NULL AND (r.updated_on IS NULL OR r.updated_on >= h.since)
  AND ((g.restricted AND h.restricted) OR NOT p.restricted)
RETURN p.person_id AS person_id, r.record_id AS record_id, h.level AS record_level,
  i.indicator_id AS indicator_id,
  i.share_key AS share_key, i.agency_id AS agency_id, i.dataset AS dataset, i.kind AS kind,
  i.code AS code, i.value AS value, i.severity AS severity, i.valid_from AS valid_from,
  i.valid_to AS valid_to, i.ring AS ring,
  g.level AS level, g.withheld AS withheld
