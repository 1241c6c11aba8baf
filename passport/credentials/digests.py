"""Digests of signed documents: SHA-256 over canonical JSON (RFC 8785), as a multihash in multibase.

A digest is the same however the document was sent. It is what one document names another by.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from passport.linked_data import jcs


def canonical_bytes(document: Any) -> bytes:
    """The document as it is kept and digested: canonical JSON (RFC 8785)."""
    return jcs.canonicalize(document)


def digest_of(body: bytes) -> str:
    """SHA-256 of bytes as a multihash in multibase: 47 characters, the first ``u``."""
    return "u" + base64.urlsafe_b64encode(b"\x12\x20" + hashlib.sha256(body).digest()).rstrip(b"=").decode("ascii")


def document_digest(document: Any) -> str:
    """Digest of a document, as another one names it."""
    return digest_of(canonical_bytes(document))
