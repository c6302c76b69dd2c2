// The records of people, with what joined them.
// params: $person_ids list, $grants map
// returns: person_id, record_id, share_key, agency_id, dataset, local_id, given_name, middle_names, family_name, full_name, former_family_name, other_names, birth_date, birth_date_status, death_date, dead, sex, ethnicity, nhs_number, upn, uln, nino, phone, email, birth_place, occupation, lead_worker, restricted, updated_on, probability, decided_by, decided_on, evidence, level, withheld
UNWIND $person_ids AS person_id
MATCH (p:Person {person_id: person_id})<-[i:IDENTIFIES]-(r:Record)
WITH p, i, r, $grants[r.share_key] AS g
WHERE g IS NOT NULL
  AND (r.updated_on IS NULL OR r.updated_on >= g.since)
  AND (g.restricted OR NOT p.restricted)
RETURN p.person_id AS person_id, r.record_id AS record_id,
  r.share_key AS share_key, r.agency_id AS agency_id, r.dataset AS dataset,
  r.local_id AS local_id, r.given_name AS given_name, r.middle_names AS middle_names,
  r.family_name AS family_name, r.full_name AS full_name,
  r.former_family_name AS former_family_name, r.other_names AS other_names,
  r.birth_date AS birth_date, r.birth_date_status AS birth_date_status,
  r.death_date AS death_date, r.dead AS dead, r.sex AS sex, r.ethnicity AS ethnicity,
  r.nhs_number AS nhs_number, r.upn AS upn, r.uln AS uln, r.nino AS nino, r.phone AS phone,
  r.email AS email, r.birth_place AS birth_place, r.occupation AS occupation,
  r.lead_worker AS lead_worker, r.restricted AS restricted, r.updated_on AS updated_on,
  i.probability AS probability, i.decided_by AS decided_by, i.decided_on AS decided_on,
  i.evidence AS evidence, g.level AS level, g.withheld AS withheld
