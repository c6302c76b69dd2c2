// One Agency node for each agency_id.
// params: none
// returns: nothing
CREATE CONSTRAINT agency_key IF NOT EXISTS FOR (n:Agency) REQUIRE n.agency_id IS UNIQUE
