// Address nodes are looked up by uprn.
// params: none
// returns: nothing
CREATE RANGE INDEX address_uprn IF NOT EXISTS FOR (n:Address) ON (n.uprn)
