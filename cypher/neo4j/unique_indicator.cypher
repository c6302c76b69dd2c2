// One Indicator node for each indicator_id.
// params: none
// returns: nothing
CREATE CONSTRAINT indicator_key IF NOT EXISTS FOR (n:Indicator) REQUIRE n.indicator_id IS UNIQUE
