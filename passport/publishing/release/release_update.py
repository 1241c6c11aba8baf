"""Newer status lists and changes of status, carried from a store into a released copy of it.

1. Every list of the copy is one of the source, of the same purpose; and every place that the copy knows belongs to the
   same credential in both. Otherwise the copy is of another store, and nothing is carried.
2. Changes of status of the released credentials go along with their public notices, whatever kind of credential it is:
   pack, batch, model or read-out. Reasons of the issuer to itself stay.
3. The newest signed list goes along. It verifies with its issuer's key before anything is carried.
4. No credential leaves: what was issued since is a matter of a new release.

    update(source, target, at=now, resolver=resolver)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from passport.errors import UsageError
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.publishing.stored_signatures import refuse_unverified
from passport.store import Notice, StatusChange, Store
from passport.texts import Message

#: What a copy says of why a status changed.
REASON = "released copy"
_PAGE = 200


@dataclass(frozen=True)
class UpdatedList:
    """One list of the copy.

    :ivar newer: whether a newer signed list was carried; :ivar changes: how many changes of status were.
    """

    number: int
    purpose: str
    newer: bool
    changes: int


def update(source: Store, target: Store, *, at: datetime, resolver: DidResolver) -> tuple[UpdatedList, ...]:
    """Bring the status of what was released up to date. Repeated at once, it changes nothing.

    :param target: the copy; :param at: instant of the update.
    :raises UsageError: the copy is none of this store.
    :raises StoredUnverified: a list does not verify; nothing was carried.
    """
    purposes = target.list_purposes()
    if not purposes:
        raise UsageError(
            Message("there is no released copy to update"), expected=Message("a folder of an earlier release")
        )
    lists: dict[int, JsonObject] = {}
    _refuse_foreign(source, target)
    for number in purposes:
        document = source.status_list(number)
        if document is not None and document != target.status_list(number):
            refuse_unverified(document, resolver, at, Message("nothing was carried: a status list does not verify"))
            lists[number] = document
    missing = {number: tuple(_missing(source, target, number)) for number in purposes}
    with target.transaction() as transaction:
        for number, changes in missing.items():
            for change, notice in changes:
                transaction.add_status_change(replace(change, reason=REASON), notice)
            if number in lists:
                transaction.add_status_list(number, lists[number])
    return tuple(
        UpdatedList(number, purpose, number in lists, len(missing[number])) for number, purpose in purposes.items()
    )


def _refuse_foreign(source: Store, target: Store) -> None:
    """:raises UsageError: a credential of the copy has other places in the source, or none."""
    after = 0
    while page := target.numbered(after, _PAGE):
        after = page[-1][0]
        for _, stored in page:
            if source.places_of(stored.id) != target.places_of(stored.id):
                raise UsageError(
                    Message("the copy is not one of this project"),
                    expected=Message("a folder that passport release made of it"),
                    found=Message("credential {id}", id=stored.id),
                )


def _missing(source: Store, target: Store, number: int) -> Iterable[tuple[StatusChange, Notice | None]]:
    """The changes of released places that the copy does not know, with the published notice of the last one."""
    known = {(change.position, change.value, change.changed_at) for change in target.status_changes(number)}
    places = set(target.places(number))
    for change in source.status_changes(number):
        if change.position not in places or (change.position, change.value, change.changed_at) in known:
            continue
        public = source.public_status(number, change.position)
        is_last = public is not None and public.changed_at == change.changed_at
        yield change, public.notice if public is not None and is_last and public.notice else None
