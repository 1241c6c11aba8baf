"""Queries of the store. Every query is one statement, except :meth:`StoreQueries.is_flagged`.

What is asked all the time is built once (:mod:`passport.store.reading_statements`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sql

from passport.linked_data.json_types import JsonObject
from passport.store import reading_statements as ask
from passport.store.rows import (
    Notice,
    Pack,
    PublicStatus,
    Role,
    StatusChange,
    StatusEntry,
    StoredCredential,
    StoredSignedList,
    stored_document,
    stored_instant,
)
from passport.store.tables import credentials, pack_modules, packs

_Query: TypeAlias = "sql.Select[*tuple[Any, ...]]"
_Row: TypeAlias = "sql.Row[*tuple[Any, ...]]"

_Value = TypeVar("_Value", str, int)
#: Values in one statement: SQLite takes 32,766 parameters, older builds 999.
_AT_ONCE = 900
#: Changes of status that are in memory at the same time.
_CHANGES_AT_ONCE = 5_000
#: Purpose of the lists that say nothing about validity: a newer credential of that kind exists (Bitstring Status List).
REFRESH = "refresh"


class StoreQueries:
    """What can be asked of the store, outside a transaction or within one."""

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        raise NotImplementedError

    # --- credentials ------------------------------------------------------------------------------------------------

    def credential(self, credential_id: str) -> StoredCredential | None:
        """The credential of that id."""
        row = self._first(ask.CREDENTIAL, id=credential_id)
        return None if row is None else _stored(row)

    def current(self, subject: str, type_: str) -> StoredCredential | None:
        """The newest credential of that type about ``subject``, late read-outs aside."""
        row = self._first(ask.CURRENT, subject=subject, type=type_)
        return None if row is None else _stored(row)

    def newest(self, abouts: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, StoredCredential]]:
        """The current credential of each subject and type; pairs without one are left out.

        :param abouts: pairs of subject and type.
        :returns: with the number of the newest one, which is another if a late read-out came in after it.
        """
        numbers = self.newest_numbers(abouts)
        by_about: dict[tuple[str, str], tuple[int, StoredCredential]] = {}
        for some in _portions(numbers.values()):
            for row in self._all(ask.NUMBERED, numbers=some):
                stored = self.current(row.subject, row.type) if row.late else _stored(row)
                if stored is not None:
                    by_about[row.subject, row.type] = (row.sequence, stored)
        return by_about

    def newest_ids(self, subjects: Collection[str], type_: str) -> dict[str, str]:
        """The id of the newest credential of that type about each subject; subjects without one are left out."""
        ids: dict[str, str] = {}
        for some in _portions(self.newest_numbers([(subject, type_) for subject in subjects]).values()):
            ids |= {row.subject: row.id for row in self._all(ask.NUMBERED_IDS, numbers=some)}
        return ids

    def newest_numbers(self, abouts: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """The number of the newest credential of each subject and type: what a commit compares with an earlier one."""
        subjects, types = {subject for subject, _ in abouts}, {type_ for _, type_ in abouts}
        numbers: dict[tuple[str, str], int] = {}
        if len(types) == 1:
            # One step in the index for each pack. Grouped, all numbers of a pack would be read, and it has thousands
            # of read-outs.
            (type_,) = types
            for some in _portions(subjects):
                for row in self._all(ask.NEWEST_OF_PACKS, type=type_, subjects=some):
                    subjects.discard(row.subject)
                    if row.newest is not None:
                        numbers[row.subject, type_] = row.newest
        for some in _portions(subjects):
            for row in self._all(ask.NEWEST_OF_EACH, subjects=some, types=sorted(types)):
                numbers[row.subject, row.type] = row.newest
        return {about: numbers[about] for about in abouts if about in numbers}

    def newest_contents(self, abouts: Collection[tuple[str, str]]) -> dict[tuple[str, str], tuple[int, str]]:
        """The numbers of :meth:`newest`, and the content digests of these rows: what a commit compares."""
        numbers = self.newest_numbers(abouts)
        contents: dict[int, str] = {}
        for some in _portions(numbers.values()):
            contents |= {row.sequence: row.content for row in self._all(ask.NUMBERED_CONTENTS, numbers=some)}
        return {about: (number, contents[number]) for about, number in numbers.items()}

    def history(self, subject: str, type_: str) -> tuple[StoredCredential, ...]:
        """All credentials of that type about ``subject``, oldest first."""
        return tuple(_stored(row) for row in self._all(ask.HISTORY, subject=subject, type=type_))

    def subjects_since(self, type_: str, sequence: int) -> tuple[str, ...]:
        """Whom credentials of that type are about that were stored since, in the order of their first one.

        :param sequence: the first number of an earlier :meth:`version`.
        """
        query = (
            sql.select(credentials.c.subject)
            .where(credentials.c.sequence > sequence, credentials.c.type == type_)
            .order_by(credentials.c.sequence)
        )
        return tuple(dict.fromkeys(row.subject for row in self._all(query)))

    def numbered(self, after: int = 0, limit: int = 100) -> tuple[tuple[int, StoredCredential], ...]:
        """The next credentials with their numbers, in the order in which they were stored.

        :param after: the number of the last one that was seen; 0 begins.
        """
        number = credentials.c.sequence
        rows = self._all(sql.select(credentials).where(number > after).order_by(number).limit(limit))
        return tuple((row.sequence, _stored(row)) for row in rows)

    def base_proof(self, credential_id: str) -> JsonObject | None:
        """The parts of a restricted credential's base proof that its view lacks. Write side only."""
        row = self._first(ask.BASE_PROOF, id=credential_id)
        return None if row is None else stored_document(row.body, f"the base proof of {credential_id}")

    # --- packs ------------------------------------------------------------------------------------------------------

    def pack(self, subject: str) -> Pack | None:
        """The pack of that address."""
        return _pack(self._first(ask.PACK, subject=subject))

    def known_packs(self, subjects: Collection[str]) -> frozenset[str]:
        """Those of the addresses that have a pack."""
        return frozenset(row.subject for row in self._all(ask.KNOWN_PACKS, subjects=list(subjects)))

    def pack_of_code(self, code: str) -> Pack | None:
        """The pack that carries this GB/T 34014 code."""
        return _pack(self._first(ask.PACK_OF_CODE, code=code))

    def packs_of_identifier(self, identifier: str) -> tuple[str, ...]:
        """The packs whose passport has, or had, this identifier. Two only if it was given twice."""
        return tuple(row.subject for row in self._all(ask.PACKS_OF_IDENTIFIER, identifier=identifier))

    def packs_of_modules(self, codes: Collection[str]) -> dict[str, frozenset[tuple[str, str]]]:
        """The packs whose production event names a module, each with the credential that says so. Write side only.

        Superseded and revoked credentials are among them; a code that none names is left out.
        """
        named: dict[str, set[tuple[str, str]]] = {}
        listed = list(codes)
        for start in range(0, len(listed), _AT_ONCE):
            query = sql.select(pack_modules).where(pack_modules.c.code.in_(listed[start : start + _AT_ONCE]))
            for row in self._all(query):
                named.setdefault(row.code, set()).add((row.pack, row.credential))
        return {code: frozenset(packs) for code, packs in named.items()}

    def models_of_code(self, beginning: str, *, limit: int = 2) -> tuple[str, ...]:
        """Models of the packs whose GB/T 34014 code begins so, at most ``limit`` of them.

        :param beginning: ASCII letters and digits, such as the seven characters that a specification has in common.
        """
        code = packs.c.code
        # A range, which the index of the codes answers; "~" comes after every character of a code.
        query = sql.select(packs.c.model).where(code >= beginning, code < beginning + "~").distinct().limit(limit)
        return tuple(row.model for row in self._all(query))

    def packs(self) -> tuple[Pack, ...]:
        """All packs, in no particular order."""
        return self._packs(sql.true())

    def packs_named(self, text: str) -> tuple[Pack, ...]:
        """Packs whose address, code or serial number is ``text``: serial numbers are unique per model only."""
        return self._packs(sql.or_(packs.c.subject == text, packs.c.code == text, packs.c.serial == text))

    def packs_of_names(self, names: Collection[str]) -> tuple[Pack, ...]:
        """The packs that have one of these codes or serial numbers."""
        return self._packs(sql.or_(packs.c.code.in_(names), packs.c.serial.in_(names)))

    def models(self) -> tuple[str, ...]:
        """The models that packs belong to, in the order of their addresses."""
        query = sql.select(packs.c.model).distinct().order_by(packs.c.model)
        return tuple(row.model for row in self._all(query))

    def find_packs(
        self,
        *,
        models: Sequence[str] | None = None,
        category: str | None = None,
        named: Sequence[str] | None = None,
        after: str = "",
        limit: int = 100,
    ) -> tuple[Pack, ...]:
        """The next packs behind the address ``after``, in the order of their addresses; what is None does not count.

        :param named: addresses, codes or serial numbers, exact.
        """
        of = packs if named is None else _packs_with(named)
        query = sql.select(of).where(of.c.subject > after).order_by(of.c.subject).limit(limit)
        if models is not None:
            query = query.where(of.c.model.in_(models))
        if category is not None:
            query = query.where(of.c.category == str(category))
        return tuple(Pack(**row._mapping) for row in self._all(query))

    # --- status -----------------------------------------------------------------------------------------------------

    def status_list(self, number: int) -> JsonObject | None:
        """The newest signed status list credential of that number."""
        body = self.status_list_body(number)
        return None if body is None else stored_document(body, f"status list {number}")

    def status_list_body(self, number: int) -> bytes | None:
        """The same, as it was signed."""
        row = self._first(ask.STATUS_LIST, list=number)
        return None if row is None else bytes(row.body)

    def signed_list(self, number: int) -> StoredSignedList | None:
        """The newest signed version of a list, and how far it goes."""
        row = self._first(ask.SIGNED_LIST, list=number)
        return None if row is None else StoredSignedList(row.sequence, bytes(row.body), row.last_change)

    def signed_number(self, number: int) -> int:
        """The number of the newest signed version of a list among all signed lists; 0 where there is none."""
        (row,) = self._all(ask.SIGNED_NUMBER, list=number)
        return int(row.newest or 0)

    def unsigned_lists(self) -> tuple[int, ...]:
        """Numbers of the lists that have never been signed, in order."""
        return tuple(row.list for row in self._all(ask.UNSIGNED_LISTS))

    def lists_behind(self) -> tuple[int, ...]:
        """Numbers of the lists whose signed version may lack a change, in order.

        A list that was never signed is among them, and one of which the store does not know how far it goes.
        """
        return tuple(row.list for row in self._all(ask.LISTS_BEHIND))

    def list_purposes(self, *, issuer: str | None = None) -> dict[int, str]:
        """The purpose of each list by its number, in the order of the numbers.

        :param issuer: only those that belong to this one.
        """
        rows = self._all(ask.PURPOSES) if issuer is None else self._all(ask.PURPOSES_OF_ISSUER, issuer=issuer)
        return {row.list: row.purpose for row in rows}

    def list_issuers(self) -> dict[int, str]:
        """The issuer to which each list belongs, by its number."""
        return {row.list: row.issuer for row in self._all(ask.LIST_ISSUERS)}

    def list_numbers(self) -> tuple[int, ...]:
        """Numbers of all lists, in order."""
        return tuple(self.list_purposes())

    def status_entries(self, credential_id: str) -> tuple[StatusEntry, ...]:
        """The places of one credential, one per list that it is in."""
        return tuple(StatusEntry(**row._mapping) for row in self._all(ask.ENTRIES, credential=credential_id))

    def places_of(self, credential_id: str) -> dict[str, StatusEntry]:
        """The places of one credential by the purposes of their lists."""
        return self.places_of_each([credential_id]).get(credential_id, {})

    def places_of_each(self, credential_ids: Collection[str]) -> dict[str, dict[str, StatusEntry]]:
        """The same of several credentials, by their ids; one without a place is left out."""
        places: dict[str, dict[str, StatusEntry]] = {}
        for row in self._all(ask.PLACES, credentials=list(credential_ids)):
            places.setdefault(row.credential, {})[row.purpose] = StatusEntry(row.list, row.position, row.credential)
        return places

    def taken_places(self, number: int, positions: Collection[int]) -> frozenset[int]:
        """Those of ``positions`` that are taken in one list."""
        return frozenset(row.position for row in self._all(ask.TAKEN, list=number, positions=list(positions)))

    def count_places(self, number: int) -> int:
        """How many places of one list are taken."""
        (row,) = self._all(ask.COUNT_TAKEN, list=number)
        return int(row.taken)

    def places(self, number: int) -> tuple[int, ...]:
        """The places of one list that are taken, in order."""
        return tuple(row.position for row in self._all(ask.ALL_TAKEN, list=number))

    def status_changes(self, number: int) -> tuple[StatusChange, ...]:
        """All changes of one list, oldest first: what the list says is their sum."""
        return tuple(_change(row) for row in self._all(ask.CHANGES, list=number))

    def bits_since(self, number: int, sequence: int) -> Iterator[tuple[int, int, bool]]:
        """The later changes of one list, oldest first: number of the change, position, and value of the bit.

        Neither reason nor time is read: a list of read-outs has a hundred thousand.

        :param sequence: the number of the last change that is known; 0: all changes.
        """
        while True:
            rows = self._all(ask.BITS_SINCE, list=number, after=sequence, limit=_CHANGES_AT_ONCE)
            for row in rows:
                sequence = row.sequence
                yield sequence, row.position, bool(row.value)
            if len(rows) < _CHANGES_AT_ONCE:
                return

    def status_bit(self, number: int, position: int) -> bool:
        """The bit at one place as the changes say it; the signed list says so from its next signing on."""
        row = self._first(ask.BIT, list=number, position=position)
        return row is not None and bool(row.value)

    def bits_set(self, places: Iterable[tuple[int, int]]) -> frozenset[tuple[int, int]]:
        """Those of the places (list, position) whose bit is set, as the changes say it. A statement for each list."""
        by_list: dict[int, set[int]] = {}
        for number, position in places:
            by_list.setdefault(number, set()).add(position)
        newest: dict[tuple[int, int], tuple[int, bool]] = {}
        for number, positions in by_list.items():
            for row in self._all(ask.BITS, list=number, positions=list(positions)):
                place = (number, row.position)
                newest[place] = max(newest.get(place, (0, False)), (row.sequence, bool(row.value)))
        return frozenset(place for place, (_, value) in newest.items() if value)

    def public_status(self, number: int, position: int) -> PublicStatus | None:
        """The last change of the bit at one place, with what was published of it; None where nothing ever changed."""
        row = self._first(ask.PUBLIC_STATUS, list=number, position=position)
        if row is None:
            return None
        changed_at = stored_instant(row.changed_at, "a change of status")
        return PublicStatus(bool(row.value), changed_at, Notice(row.reason, row.replaced_by))

    def is_flagged(self, credential_id: str) -> bool:
        """Whether the credential is revoked or suspended. One that a newer read-out refreshes is neither."""
        entries = self.status_entries(credential_id)
        if not entries:
            return False
        purposes = self.list_purposes()
        # A list of no known purpose counts: what cannot be explained must not pass as valid.
        deciding = (entry for entry in entries if purposes.get(entry.list) != REFRESH)
        return any(self.status_bit(entry.list, entry.position) for entry in deciding)

    # --- roles ------------------------------------------------------------------------------------------------------

    def roles(self, *, holder: str | None = None) -> tuple[Role, ...]:
        """The role credentials that were given, oldest first.

        :param holder: only those of this DID.
        """
        rows = self._all(ask.ROLES) if holder is None else self._all(ask.ROLES_OF_HOLDER, holder=holder)
        return tuple(_role(row) for row in rows)

    def role(self, credential_id: str) -> Role | None:
        row = self._first(ask.ROLE, id=credential_id)
        return None if row is None else _role(row)

    def role_lists(self) -> frozenset[int]:
        """The numbers of the status lists in which roles have their places; nothing else has one there."""
        return frozenset(row.list for row in self._all(ask.ROLE_LISTS))

    # --- for caches -------------------------------------------------------------------------------------------------

    def version(self) -> tuple[int, ...]:
        """Changes with everything that is stored and shown: newest credential, status list, change, checkpoint, event.

        What was read between two equal versions is still what the store says. Writers take turns, so the newest row is
        also the last one to be seen, and no commit is missed.
        """
        (row,) = self._all(ask.VERSION)
        return tuple(number or 0 for number in row)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _first(self, query: _Query, **values: Any) -> _Row | None:
        with self._connected() as connection:
            return connection.execute(query, values).first()

    def _all(self, query: _Query, **values: Any) -> Sequence[_Row]:
        with self._connected() as connection:
            return connection.execute(query, values).all()

    def _packs(self, condition: sql.ColumnElement[bool]) -> tuple[Pack, ...]:
        return tuple(Pack(**row._mapping) for row in self._all(sql.select(packs).where(condition)))


def _packs_with(names: Sequence[str]) -> sql.Subquery:
    """The packs whose address, code or serial number is one of these, each from its index.

    Asked for all three at once and in the order of addresses, PostgreSQL walks through all packs instead: it takes a
    thousand spellings of one code for a thousand packs.
    """
    columns = (packs.c.subject, packs.c.code, packs.c.serial)
    return sql.union(*(sql.select(packs).where(column.in_(names)) for column in columns)).subquery("named_packs")


def _role(row: _Row) -> Role:
    return Role(
        row.id,
        row.holder,
        row.audience,
        row.purpose,
        tuple(row.packs.splitlines()),
        stored_instant(row.valid_from, "a role"),
        stored_instant(row.valid_until, "a role"),
        row.list,
    )


def _portions(values: Iterable[_Value]) -> Iterator[list[_Value]]:
    """Values for one statement each."""
    listed = sorted(set(values))
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))


def _pack(row: _Row | None) -> Pack | None:
    return None if row is None else Pack(**row._mapping)


def _stored(row: _Row) -> StoredCredential:
    issued_at = stored_instant(row.issued_at, f"the credential {row.id}")
    return StoredCredential(row.id, row.type, row.subject, bytes(row.body), row.content, issued_at)


def _change(row: _Row) -> StatusChange:
    changed_at = stored_instant(row.changed_at, f"a change of status list {row.list}")
    return StatusChange(row.list, row.position, row.value, row.reason, changed_at)
