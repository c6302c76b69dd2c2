// Streets that have a number (or all), to find one that was spelt differently; never shown.
// params: $number string or null
// returns: street_key
MATCH (a:Address)
WHERE a.street_key IS NOT NULL AND ($number IS NULL OR a.number = $number)
RETURN DISTINCT a.street_key AS street_key
