"""Transparency logs in SQL: entries, tiles, checkpoints, the resolver's access log, and what a witness last saw."""
