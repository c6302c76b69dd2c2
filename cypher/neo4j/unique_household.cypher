// One Household node for each household_id.
// params: none
// returns: nothing
CREATE CONSTRAINT household_key IF NOT EXISTS FOR (n:Household) REQUIRE n.household_id IS UNIQUE
