"""The indicators of a page: entries, their values and states, in sections."""
