"""Rows that follow from signed documents: identifiers of passports, modules, times of read-outs, issuers of lists.

They are written with the document, and made again from the documents of a store that has none of them: by an upgrade of
an older store, and after a restore.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import sqlalchemy as sql

from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.tables import (
    EVENT,
    READ_OUT,
    credentials,
    is_storable,
    pack_modules,
    passport_identifiers,
    read_outs,
    status_list_issuers,
    status_lists,
)

#: Rows that are read at once.
_AT_ONCE = 1_000


#: Members of a subject from which rows follow.
_IDENTIFIER, _MODULES, _READ_AT = "batteryPassportIdentifier", "moduleTractionBatteryCodes", "recordedAt"


_EXCERPT = ("id", _IDENTIFIER, _MODULES, _READ_AT)


def excerpt(document: JsonObject) -> JsonObject:
    """The part of a credential from which rows follow. Who has the document spares the store from parsing it again."""
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        return {}
    return {"credentialSubject": {key: subject[key] for key in _EXCERPT if key in subject}}


def _parsed(body: bytes, key: str) -> JsonObject:
    """A document that may have a member ``key``; empty where it has none."""
    if f'"{key}"'.encode() not in body:
        return {}  # most have none, and parsing takes long
    try:
        document = strict_json.loads(body)
    except MalformedDocument:
        return {}  # damaged; readers of the credential are told
    return document if isinstance(document, dict) else {}


def identifiers_in(bodies: Iterable[bytes]) -> set[tuple[str, str]]:
    """The identifiers of passports that credentials state, each with the pack that it is stated of."""
    return identifiers_of(_parsed(body, _IDENTIFIER) for body in bodies)


def identifiers_of(documents: Iterable[JsonObject]) -> set[tuple[str, str]]:
    """The same of documents, or of their excerpts."""
    identifiers = set()
    for document in documents:
        subject = document.get("credentialSubject")
        if isinstance(subject, dict):
            identifier, of = subject.get(_IDENTIFIER), subject.get("id")
            if isinstance(identifier, str) and isinstance(of, str) and is_storable(identifier):
                identifiers.add((identifier, of))
    return identifiers


def modules_in(documents: Iterable[tuple[str, bytes]]) -> set[tuple[str, str, str]]:
    """The modules that production events state: code, credential, pack.

    :param documents: id and body of each credential.
    """
    return modules_of((id_, _parsed(body, _MODULES)) for id_, body in documents)


def modules_of(documents: Iterable[tuple[str, JsonObject]]) -> set[tuple[str, str, str]]:
    """The same of documents, or of their excerpts."""
    modules = set()
    for id_, document in documents:
        subject = document.get("credentialSubject")
        codes = subject.get(_MODULES) if isinstance(subject, dict) else None
        if isinstance(subject, dict) and isinstance(of := subject.get("id"), str):
            listed = codes if isinstance(codes, list) else [codes]
            modules |= {(code, id_, of) for code in listed if isinstance(code, str) and is_storable(code)}
    return modules


_RECORDED_AT = re.compile(rb'"recordedAt":"([^"\\\\]*)"').findall


def instant_text(at: datetime) -> str:
    """An instant as text that sorts like instants."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:26] + "Z"


def read_instant(body: bytes) -> str | None:
    """When the values of a signed read-out were read, as :func:`instant_text`; None where it does not say."""
    stated = _RECORDED_AT(body)
    if len(stated) == 1:  # as the signing side writes it; parsing takes ten times as long
        return _instant_text_of(stated[0].decode("utf-8", "replace"))
    try:
        document = strict_json.loads(body)
    except MalformedDocument:
        return None
    return instant_of(document) if isinstance(document, dict) else None


def instant_of(document: JsonObject) -> str | None:
    """The same of a document, or of its excerpt."""
    subject = document.get("credentialSubject")
    return _instant_text_of(subject.get(_READ_AT)) if isinstance(subject, dict) else None


def _instant_text_of(stated: object) -> str | None:
    try:
        at = datetime.fromisoformat(stated) if isinstance(stated, str) else None
    except ValueError:
        return None
    return None if at is None or at.tzinfo is None else instant_text(at)


# --- for a store that has none of them ------------------------------------------------------------------------------


def fill_identifiers(connection: sql.Connection) -> None:
    """Write the identifiers of all passports."""
    known: set[tuple[str, str]] = set()
    for part in _credentials(connection):
        new = sorted(identifiers_in(body for _, _, body in part) - known)
        known.update(new)
        if new:
            rows = [{"identifier": identifier, "subject": subject} for identifier, subject in new]
            connection.execute(passport_identifiers.insert(), rows)


def fill_modules(connection: sql.Connection) -> None:
    """Write the modules of all production events."""
    for part in _credentials(connection, EVENT):
        modules = sorted(modules_in((id_, body) for _, id_, body in part))
        if modules:
            rows = [{"code": code, "credential": id_, "pack": pack} for code, id_, pack in modules]
            connection.execute(pack_modules.insert(), rows)


def fill_read_outs(connection: sql.Connection) -> None:
    """Write the times of all read-outs of a store of version 5 or older, in which none was late."""
    columns = credentials.c
    query = sql.select(columns.sequence, columns.subject, columns.body).where(columns.type == READ_OUT)
    for part in connection.execute(query.order_by(columns.sequence)).partitions(_AT_ONCE):
        values = [
            {"sequence": row.sequence, "subject": row.subject, "instant": instant, "late": False}
            for row in part
            if (instant := read_instant(bytes(row.body))) is not None
        ]
        if values:
            connection.execute(read_outs.insert(), values)


def fill_issuers(connection: sql.Connection) -> None:
    """Write whose each status list is: of the issuer that its newest signed version names."""
    newest = sql.select(sql.func.max(status_lists.c.sequence)).group_by(status_lists.c.list)
    signed = connection.execute(
        sql.select(status_lists.c.list, status_lists.c.body).where(status_lists.c.sequence.in_(newest))
    )
    rows = [
        {"list": row.list, "issuer": issuer} for row in signed if (issuer := _issuer_in(bytes(row.body))) is not None
    ]
    if rows:
        connection.execute(status_list_issuers.insert(), rows)


def _issuer_in(body: bytes) -> str | None:
    """The issuer that a signed list of this project names; None where it is damaged."""
    try:
        document = strict_json.loads(body)
    except MalformedDocument:
        return None
    issuer = document.get("issuer") if isinstance(document, dict) else None
    return issuer if isinstance(issuer, str) and is_storable(issuer) else None


def _credentials(connection: sql.Connection, type_: str | None = None) -> Iterator[list[tuple[int, str, bytes]]]:
    """Number, id and body of all credentials, some at a time. A statement each: no cursor stays open between writes."""
    columns = credentials.c
    after = 0
    while True:
        query = sql.select(columns.sequence, columns.id, columns.body).where(columns.sequence > after)
        if type_ is not None:
            query = query.where(columns.type == type_)
        rows = connection.execute(query.order_by(columns.sequence).limit(_AT_ONCE)).all()
        if not rows:
            return
        after = rows[-1].sequence
        yield [(row.sequence, row.id, bytes(row.body)) for row in rows]
