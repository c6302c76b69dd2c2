// One Person node for each person_id.
// params: none
// returns: nothing
CREATE CONSTRAINT person_key IF NOT EXISTS FOR (n:Person) REQUIRE n.person_id IS UNIQUE
