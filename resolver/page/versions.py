"""The versions of a passport: what was corrected, when, why and what changed; and all its read-outs with their dates.

Only public documents are compared, and only reasons that were published are told. An old version is read with ``?at=``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup

from passport.presenting.successors import predecessors, successors
from passport.reports.isolation import isolated
from passport.store import PublicStatus, StoredCredential
from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, PASSPORT, RECORDED_AT
from resolver.forms.linksets import web_address
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators import value_cells
from resolver.page.view_model import VersionEntry

#: So many versions of each document are told, the newest; so many changed entries of each.
_MOST = 12
_CHANGES = 20
_READ_OUTS = 40
_NAMES = {PASSPORT: "data-passport", BATCH: "data-batch", MODEL: "data-model"}


def versions(context: PageContext) -> tuple[VersionEntry, ...]:
    """The versions of the documents of this view, the newest first."""
    view, entries = context.view, []
    for type_, subject in ((PASSPORT, view.subject), (BATCH, view.batch), (MODEL, view.model)):
        if subject is None or (type_ == PASSPORT and context.is_model):
            continue
        history = context.here.store.history(subject, type_)
        # One version is worth an entry where the document is the page's own.
        if len(history) > 1 or subject == view.subject:
            entries += list(_of_one(context, type_, history))
    return tuple(entry for _, entry in sorted(entries, key=lambda pair: pair[0], reverse=True))


def _of_one(
    context: PageContext, type_: str, history: Sequence[StoredCredential]
) -> Iterator[tuple[datetime, VersionEntry]]:
    words, shown = context.words, {document["id"] for document in context.view.credentials}
    what = str(words(_NAMES[type_]))
    what = what[:1].upper() + what[1:]
    for number, stored in list(enumerate(history, 1))[-_MOST:]:
        before = history[number - 2] if number > 1 else None
        current = stored.id in shown
        title = words("version-of", what=what, number=number)
        lines = [*_dated(context, stored, before), *_standing(context, stored, is_last=number == len(history))]
        changes = tuple(_changes(context, before, stored)) if before is not None else ()
        if before is not None and not changes:
            lines.append(words("version-unchanged"))
        yield stored.issued_at, VersionEntry(
            number, words("version-this", title=title) if current else title, current, tuple(lines), changes,
            None if current else _href(context, stored.issued_at),
        )  # fmt: skip


def _dated(context: PageContext, stored: StoredCredential, before: StoredCredential | None) -> Iterator[Markup]:
    words = context.words
    date = f.time_element(stored.issued_at.date(), words.language)
    if before is None:
        yield words("version-first", date=date)
        return
    yield words("version-corrected", date=date)
    status = _status(context, before, "revocation")
    reason = status.notice.reason if status and status.value else None
    yield words("version-because", reason=f.text(reason, words.language)) if reason else words("version-no-reason")


def _standing(context: PageContext, stored: StoredCredential, *, is_last: bool) -> Iterator[Markup]:
    """That the newest version is withdrawn or suspended; an older one was replaced, which its successor says."""
    if not is_last:
        return
    words = context.words
    for purpose, key in (("revocation", "version-withdrawn"), ("suspension", "version-suspended")):
        status = _status(context, stored, purpose)
        if status is not None and status.value and status.changed_at is not None:
            yield words(key, date=f.time_element(status.changed_at.date(), words.language))
            if status.notice.reason:
                yield words("version-because", reason=f.text(status.notice.reason, words.language))


def _status(context: PageContext, stored: StoredCredential, purpose: str) -> PublicStatus | None:
    entries = stored.document.get("credentialStatus", ())
    for entry in entries if isinstance(entries, list) else [entries]:
        number, place = entry["statusListCredential"].rpartition("/")[2], str(entry["statusListIndex"])
        if entry.get("statusPurpose") == purpose and number.isdecimal() and place.isdecimal():
            return context.here.store.public_status(int(number), int(place))
    return None


def _changes(
    context: PageContext, before: StoredCredential, after: StoredCredential
) -> Iterator[tuple[str, Markup, Markup]]:
    """The entries that changed, with the old and the new value."""
    indicators, words = context.here.vocabulary.indicators, context.words
    old, new = _claims(before), _claims(after)
    changed = [id_ for id_ in indicators if id_ in context.readable and old.get(id_) != new.get(id_)]
    for id_ in changed[:_CHANGES]:
        indicator = indicators[id_]
        cells = [
            value_cells.render(indicator, values[id_], words).html if id_ in values else isolated("—")
            for values in (old, new)
        ]
        if cells[0] == cells[1] and not value_cells.render(indicator, new[id_], words).extra:
            continue
        yield words.say(indicator.in_text), cells[0], cells[1]


def _claims(stored: StoredCredential) -> Mapping[str, Any]:
    """The claims without the ids of nodes, which each version has of its own."""
    subject = stored.document["credentialSubject"]
    return {key: _without_ids(value) for key, value in subject.items() if key not in ("id", "type")}


def _without_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    if isinstance(value, dict):
        return {key: _without_ids(item) for key, item in value.items() if key != "id"}
    return value


def _href(context: PageContext, at: datetime) -> str:
    # A version is there from the second in which it was signed.
    instant = (at.astimezone(UTC) + timedelta(seconds=1)).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return f"{context.path}?" + urlencode({"lang": context.words.language, "at": instant})


def read_outs(context: PageContext) -> tuple[tuple[Markup, str, Markup, str], ...]:
    """When it was read, state of certified energy or capacity, a remark, and the address of the page as it was then."""
    words = context.words
    if context.is_model or context.view.credential(CONDITION) is None:
        return ()
    late = context.here.store.late_ids(context.view.subject)
    rows = []
    for document in context.here.presenter.read_outs(context.view.subject, context.right, newest=_READ_OUTS):
        subject = document["credentialSubject"]
        at, signed = f.instant(subject.get(RECORDED_AT)), f.instant(document.get("validFrom"))
        if at is None:
            continue
        id_ = next((id_ for id_ in ("stateOfCertifiedEnergy", "remainingCapacity") if id_ in subject), None)
        indicator = context.here.vocabulary.indicators[id_] if id_ else None
        value = f.plain_quantity(subject[id_], indicator.unit, words.language) if indicator and id_ else "—"
        shown = f.time_element(at, words.language)
        remark = (
            words("chart-late", day=f.day(signed.date(), words.language))
            if document["id"] in late and signed
            else words("reading-first", at=f.day(signed.date(), words.language))
            if signed
            else isolated("")
        )
        rows.append((shown, value, remark, _href(context, signed) if signed else ""))
    return tuple(reversed(rows))


def other_lives(context: PageContext) -> Iterator[tuple[Markup, str]]:
    """The passports from which this battery was made, and those of what became of it: what they are, address.

    An issuer may have written anything there: what is no web address becomes no link.
    """
    if context.is_model:
        return
    for key, named in (("made-from", predecessors), ("made-into", successors)):
        for text in named(context.here.store, context.view.subject):
            address = web_address(text)
            if address is not None:
                yield context.words(key), address
