"""A population of packs, made from a seed, with planted violations and rings: for demonstrations and measurements."""
