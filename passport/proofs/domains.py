"""Comparison of the verifier's address with the domain in the proof of a presentation.

``https://verifier.example`` and ``https://verifier.example/`` are one origin, and people, configurations and wallets
write both. Nothing else is levelled: another scheme, host, port or path is another verifier.
"""

from __future__ import annotations

from typing import Any


def is_for(domains: Any, expected: str) -> bool:
    """Whether ``domains``, one or a list as in a proof or a token, name ``expected``."""
    wanted = expected.removesuffix("/")
    given = domains if isinstance(domains, list) else [domains]
    return any(isinstance(domain, str) and domain.removesuffix("/") == wanted for domain in given)
