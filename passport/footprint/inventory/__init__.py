"""The inventory of a footprint: its columns, how it is read, and what is wrong with it."""
