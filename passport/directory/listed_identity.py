"""The identity on which a role or an accreditation rests, out of the directory of the issuer's own store."""

from __future__ import annotations

from datetime import datetime

from passport.credentials.identity_status import RestsOn
from passport.directory.listing import directory_of
from passport.errors import UsageError
from passport.linked_data.json_types import JsonObject
from passport.store import Store
from passport.texts import Message


def listed_identity(store: Store, holder: str, at: datetime) -> RestsOn | None:
    """The identity of ``holder`` in the directory of this store; None where it lists no such enterprise.

    :raises UsageError: it is revoked, suspended or outside its validity, so that nothing new can rest on it.
    """
    listed = directory_of(store.directory_changes(did=holder)).identities.get(holder)
    if listed is None:
        return None
    if not listed.counts(at):
        raise UsageError(
            Message("the identity of {holder} does not count", holder=holder[:200]),
            found=Message("{standing}, until {end}", standing=listed.standing, end=_end(listed.document)),
            hint=Message("Restore the identity, or issue a new one: passport identity."),
        )
    return RestsOn.of(listed.document)


def _end(document: JsonObject) -> str:
    return str(document.get("validUntil", "-"))
