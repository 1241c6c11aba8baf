"""What would change where packs of a draft are issued already."""

from __future__ import annotations

from collections.abc import Iterable

from passport.battery.record import Record
from passport.errors import PassportError
from passport.publishing.planned_credential import planned_credentials
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.vocabulary import Vocabulary


def differences(
    store: Store, records: Iterable[tuple[str, Record]], base_url: str, vocabulary: Vocabulary
) -> list[tuple[str, Message]]:
    """By name of the pack, how each credential of it conflicts with the one in force; those of a model once.

    :param records: names and records without fault, with their addresses.
    """
    told: dict[tuple[str, str], tuple[str, Message]] = {}
    for name, record in records:
        try:
            planned = planned_credentials(record, base_url)
        except PassportError:
            # A record without an address has that fault already, and nothing in force.
            continue
        for credential in planned:
            if credential.about in told:
                continue
            conflict = credential.conflict(store.current(*credential.about), vocabulary)
            if conflict is not None:
                told[credential.about] = (name, conflict)
    return list(told.values())
