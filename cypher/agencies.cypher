// Every agency, as it is named, and whom to ring.
// params: none
// returns: agency_id, label, kind, ring
MATCH (a:Agency)
RETURN a.agency_id AS agency_id, a.label AS label, a.kind AS kind, a.ring AS ring
