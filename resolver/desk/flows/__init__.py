"""Flows between stages and provinces, and how a Sankey diagram of them is laid out."""
