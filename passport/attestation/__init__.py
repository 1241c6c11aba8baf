"""Attestations: what a third party examined of a passport, and whether it still fits the values. Pure."""
