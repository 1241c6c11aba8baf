"""Issuing of many packs: chunks of the input go through workers, and one writer stores them in order."""
