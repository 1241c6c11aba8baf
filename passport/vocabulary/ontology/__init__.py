"""What is read from the ontology: its graph, and the indicators and terms in it."""
