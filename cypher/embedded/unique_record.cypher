// One Record node for each record_id.
// params: none
// returns: nothing
CREATE CONSTRAINT IF NOT EXISTS FOR (n:Record) REQUIRE n.record_id IS UNIQUE
