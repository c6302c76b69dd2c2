// One Contact node for each contact_id.
// params: none
// returns: nothing
CREATE CONSTRAINT IF NOT EXISTS FOR (n:Contact) REQUIRE n.contact_id IS UNIQUE
