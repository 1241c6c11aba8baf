"""The checks of an event against the facts of its pack, a module for each part of life. Pure."""
