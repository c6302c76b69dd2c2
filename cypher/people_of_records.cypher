// Whom records identify now.
// params: $record_ids list, $grants map
// returns: record_id, person_id
UNWIND $record_ids AS record_id
MATCH (r:Record {record_id: record_id})-[:IDENTIFIES]->(p:Person)
WITH p, r, $grants[r.share_key] AS g
WHERE g IS NOT NULL
  AND (r.updated_on IS NULL OR r.updated_on >= g.since)
  AND (g.restricted OR NOT p.restricted)
RETURN r.record_id AS record_id, p.person_id AS person_id
