// One Household node for each household_id.
// params: none
// returns: nothing
CREATE CONSTRAINT IF NOT EXISTS FOR (n:Household) REQUIRE n.household_id IS UNIQUE
