"""Transparency logs: append-only Merkle trees, their signed checkpoints, receipts, and witnesses. Pure.

* The tree and its proofs are those of RFC 6962 (SHA-256). An entry is the SHA-256 digest of one signed document.
* The formats are those of C2SP: signed-note, tlog-checkpoint, tlog-tiles, tlog-proof, tlog-cosignature. Monitors and
  witnesses of others follow such a log as it is.
* Keys of logs and witnesses are Ed25519 keys of their own. They sign checkpoints, never a credential.
* What is parsed here is hostile: every parser has limits and one accepted spelling.
"""
