"""Commands about the life of packs: events, read-outs, the log and its keys."""
