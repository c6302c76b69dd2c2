// Address nodes are looked up by postcode.
// params: none
// returns: nothing
CREATE RANGE INDEX address_postcode IF NOT EXISTS FOR (n:Address) ON (n.postcode)
