// Where contacts were; a contact with somebody restricted in it is nowhere, lest it trace them.
// params: $contact_ids list, $grants map
// returns: contact_id, address_id, line, postcode, uprn, kind, level, withheld
UNWIND $contact_ids AS contact_id
MATCH (c:Contact {contact_id: contact_id})-[:AT]->(a:Address)
WITH c, a, $grants[c.share_key] AS g
WHERE g IS NOT NULL AND (c.on_date IS NULL OR c.on_date >= g.since)
  AND (g.restricted OR NOT EXISTS { MATCH (c)<-[:INVOLVED_IN]-(:Record)-[:IDENTIFIES]->(q:Person) WHERE q.restricted })
RETURN c.contact_id AS contact_id, a.address_id AS address_id,
  a.line AS line, a.postcode AS postcode, a.uprn AS uprn, a.kind AS kind,
  g.level AS level, g.withheld AS withheld
