"""Declarations and countersignatures in the operator's store."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.errors import MalformedCredential, UsageError
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.publishing.footprint_declaration.countersignature import countersigned_digest, is_countersignature
from passport.publishing.footprint_declaration.declaration import declaration_in, digest_of, members, subject_of
from passport.store import Store, StoredCredential
from passport.texts import Message
from passport.vocabulary.credential_types import ATTESTATION, DECLARATION_TYPE, VERIFICATION_TYPE


@dataclass(frozen=True)
class Published:
    """What the read side hands out of a batch's footprint: both credentials as they were signed."""

    declaration: JsonObject
    countersignature: JsonObject | None


def status_lists(store: Store, document: Mapping[str, Any]) -> tuple[JsonObject, ...]:
    """The signed status lists that a credential of this store names."""
    numbers = sorted(
        int(entry["statusListCredential"].rsplit("/", 1)[1]) for entry in document.get("credentialStatus", [])
    )
    return tuple(listed for number in numbers if (listed := store.status_list(number)) is not None)


def published(store: Store, batch: str) -> Published | None:
    """The current declaration of a batch, with its countersignature if one of *this* declaration was added.

    :param batch: its address; that of the model for a declaration made before there were batches.
    """
    declared = store.current(batch, DECLARATION_TYPE)
    if declared is None:
        return None
    document = declared.document
    digest = digest_of(jcs.canonicalize(document))
    for kind in (ATTESTATION, VERIFICATION_TYPE):
        for stored in reversed(store.history(batch, kind)):
            if is_countersignature(stored.document) and countersigned_digest(stored.document) == digest:
                return Published(document, stored.document)
    return Published(document, None)


def add_countersignature(store: Store, document: Any, *, at: datetime, body: Callable[[JsonObject], bytes]) -> str:
    """Keep a countersignature beside the declaration that it is of; returns its id.

    :param document: the presentation, examined before by :func:`examine`.
    :param body: turns the credential into the bytes that are stored.
    :raises UsageError: the declaration is not in this store.
    """
    declaration = declaration_in(document)
    batch = subject_of(declaration).get("id", "")
    known = published(store, batch)
    if known is None or known.declaration != declaration:
        raise UsageError(
            Message("this declaration is not the one of this project"),
            hint=Message("passport footprint declare makes it."),
        )
    for member in members(document):
        if is_countersignature(member):
            kind = VERIFICATION_TYPE if VERIFICATION_TYPE in vcdm.types(member) else ATTESTATION
            member_id: str = member["id"]  # as every stored credential has
            if known.countersignature == member:
                return member_id
            digest = hashlib.sha256(jcs.canonicalize(subject_of(member))).hexdigest()
            with store.transaction() as transaction:
                transaction.add_credential(StoredCredential(member_id, kind, batch, body(member), digest, at))
            return member_id
    raise MalformedCredential(Message("the file"), expected=Message("a countersignature"), found=Message("none"))
