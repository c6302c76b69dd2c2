// Address nodes are looked up by street.
// params: none
// returns: nothing
CREATE RANGE INDEX address_street IF NOT EXISTS FOR (n:Address) ON (n.street)
