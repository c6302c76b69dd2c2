// One Projection node for each projection_key.
// params: none
// returns: nothing
CREATE CONSTRAINT IF NOT EXISTS FOR (n:Projection) REQUIRE n.projection_key IS UNIQUE
