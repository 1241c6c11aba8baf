"""What a wallet's answer earned, while it waits for the page that asked: a reader, not yet a token.

A reader is kept as JSON in the resolver's state. Without the secret by which it is found it is worth nothing, and the
token is signed when it is fetched.
"""

from __future__ import annotations

from datetime import UTC, datetime

from passport.linked_data import strict_json
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader
from resolver.role_status import RoleEntry


def written(reader: AuthorisedReader) -> str:
    """A reader as JSON."""
    return strict_json.dumps(
        {
            "holder": reader.holder,
            "issuer": reader.issuer,
            "audience": reader.audience.value,
            "purpose": reader.purpose,
            "packs": sorted(reader.packs),
            "until": int(reader.until.timestamp()),
            "role_until": int(reader.role_until.timestamp()) if reader.role_until else None,
            "token_id": reader.token_id,
            "role": reader.role,
            "keys": list(reader.keys),
            "entries": [entry.to_json() for entry in reader.entries],
        }
    ).decode()


def read(text: str) -> AuthorisedReader:
    """The reader of a text that :func:`written` made."""
    kept = strict_json.loads(text.encode())
    return AuthorisedReader(
        kept["holder"],
        kept["issuer"],
        Audience(kept["audience"]),
        kept["purpose"],
        frozenset(kept["packs"]),
        datetime.fromtimestamp(kept["until"], UTC),
        datetime.fromtimestamp(kept["role_until"], UTC) if kept["role_until"] is not None else None,
        kept["token_id"],
        kept["role"],
        tuple(kept["keys"]),
        tuple(RoleEntry(*entry) for entry in kept["entries"]),
    )
