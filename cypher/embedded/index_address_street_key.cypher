// Address nodes are looked up by street_key.
// params: none
// returns: nothing
CREATE RANGE INDEX address_street_key IF NOT EXISTS FOR (n:Address) ON (n.street_key)
