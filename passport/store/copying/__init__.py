"""Whole stores: moved from one database to another, written to an archive, read from one."""
