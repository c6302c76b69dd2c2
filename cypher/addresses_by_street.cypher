// Addresses of streets that begin alike of which the viewer may see something.
// params: $begin string, $end string, $number string or null, $grants map
// returns: address_id, line, flat, number, street, town, postcode, uprn, kind, search_text
MATCH (a:Address)
WHERE a.street_key >= $begin AND a.street_key < $end
  AND ($number IS NULL OR a.number = $number) AND (
    EXISTS { MATCH (a)<-[:RECORDED_AT]-(r:Record)-[:IDENTIFIES]->(p:Person)
      WHERE $grants[r.share_key] IS NOT NULL AND $grants[r.share_key].places
        AND (r.updated_on IS NULL OR r.updated_on >= $grants[r.share_key].since)
        AND ($grants[r.share_key].restricted OR NOT p.restricted) }
    OR EXISTS { MATCH (a)<-[:AT]-(c:Contact)
      WHERE $grants[c.share_key] IS NOT NULL AND $grants[c.share_key].places
        AND (c.on_date IS NULL OR c.on_date >= $grants[c.share_key].since)
        AND ($grants[c.share_key].restricted OR NOT EXISTS { MATCH (c)<-[:INVOLVED_IN]-(:Record)-[:IDENTIFIES]->(q:Person) WHERE q.restricted }) }
    OR EXISTS { MATCH (a)-[:SHOWS]->(i:Indicator)
      WHERE $grants[i.share_key] IS NOT NULL AND $grants[i.share_key].places
        AND (i.valid_to IS NULL OR i.valid_to >= $grants[i.share_key].since)
        AND ($grants[i.share_key].restricted OR NOT EXISTS { MATCH (i)<-[:SHOWS]-(:Record)-[:IDENTIFIES]->(o:Person) WHERE o.restricted }) })
RETURN a.address_id AS address_id,
  a.line AS line, a.flat AS flat, a.number AS number, a.street AS street, a.town AS town,
  a.postcode AS postcode, a.uprn AS uprn, a.kind AS kind, a.search_text AS search_text
ORDER BY address_id
