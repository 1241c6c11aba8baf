"""A proof value that is one signature, in multibase ``z`` (base58btc). Shared by the suites that have one."""

from __future__ import annotations

from collections.abc import Sequence

from passport.errors import MalformedKey, ProofError, UsageError
from passport.identity import multibase_decode


def decode(proof: dict) -> bytes:
    """The signature in ``proofValue``. Its length is for the key to check.

    :raises ProofError: not a multibase text.
    """
    try:
        return multibase_decode(proof.get("proofValue"))
    except MalformedKey as error:
        raise ProofError(f"the proofValue is {error.message}", expected="z and base58btc characters") from None


def refuse_pointers(name: str, mandatory_pointers: Sequence[str]) -> None:
    """:raises UsageError: pointers were given to a suite that signs the whole document or nothing."""
    if mandatory_pointers:
        raise UsageError(f"{name} signs whole documents and takes no mandatory pointers")
