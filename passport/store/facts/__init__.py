"""Facts of supervision in SQL: a projection of the signed events, rules as queries over it, and openings of alerts."""
