"""Signed life-cycle events in SQL: how they are kept, in which order, and how they are found."""
