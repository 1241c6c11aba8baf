"""Identifiers of packs, batches, models and parties, and the addresses made from them."""
