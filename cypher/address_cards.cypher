// How addresses are headed.
// params: $address_ids list
// returns: address_id, line, postcode, uprn, kind
UNWIND $address_ids AS address_id
MATCH (a:Address {address_id: address_id})
RETURN a.address_id AS address_id,
  a.line AS line, a.postcode AS postcode, a.uprn AS uprn, a.kind AS kind
