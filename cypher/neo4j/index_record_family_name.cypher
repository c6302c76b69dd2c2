// Record nodes are looked up by family_name.
// params: none
// returns: nothing
CREATE RANGE INDEX record_family_name IF NOT EXISTS FOR (n:Record) ON (n.family_name)
