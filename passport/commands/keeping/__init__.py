"""Commands that keep a project: its keys, its store, backup and restore."""
