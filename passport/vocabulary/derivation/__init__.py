"""What is derived from the ontology and checked in: context, shapes, parties, privacy."""
