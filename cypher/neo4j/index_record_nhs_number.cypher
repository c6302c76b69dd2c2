// Record nodes are looked up by nhs_number.
// params: none
// returns: nothing
CREATE RANGE INDEX record_nhs_number IF NOT EXISTS FOR (n:Record) ON (n.nhs_number)
