"""One revision for each version of the store. Each has the tables as they were then, and fills them from older rows."""
