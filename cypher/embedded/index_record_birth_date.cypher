// Record nodes are looked up by birth_date.
// params: none
// returns: nothing
CREATE RANGE INDEX record_birth_date IF NOT EXISTS FOR (n:Record) ON (n.birth_date)
