// One Address node for each address_id.
// params: none
// returns: nothing
CREATE CONSTRAINT IF NOT EXISTS FOR (n:Address) REQUIRE n.address_id IS UNIQUE
