"""The write side of the logs: checkpoints, cosignatures, and the audit of a whole log."""
