"""Life-cycle events that this company reports: a form for each kind out of the ontology, for one or several packs.

* Codes can be typed or scanned: a scanner types a code and Enter, so each line of the field is a pack.
* The event is completed, signed and handed in as ``passport event new`` does it. A VIN is hashed and kept nowhere.
* What the history does not allow is refused with the reason; nothing is stored then.
"""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, field_of, page, step, to, workspace
from passport.commands.events.event_intake import hand_in
from passport.errors import FaultyRecord, MalformedDocument, PassportError
from passport.lifecycle import EventKind, Predecessor, catalogue
from passport.linked_data.json_types import JsonObject
from passport.presenting.subject_search import find_subject
from passport.publishing.events.inbox import Status
from passport.publishing.events.reporting import Reporter
from passport.store.workspace.people import WorkRole
from passport.texts import Message, Text, error_text
from passport.vocabulary.vocabulary import Datatype, Term

#: Packs of one form, and events of the list.
MOST_PACKS, SHOWN = 100, 50
#: Members that a form has fields for; parts and corrections take a file.
_MEMBERS = ("place", "counterpart", "vehicle")
#: Kinds that issuing writes by itself, or that this project is not told of by its own people.
_NOT_BY_HAND = ("produce", "correct")


@page("/events")
def events(who: Colleague) -> WorkPage:
    here = workspace()
    newest = here.store.latest_events(after=max(here.store.event_number() - SHOWN, 0), limit=SHOWN)
    kinds = [kind for kind in catalogue().kinds.values() if _has_form(kind)]
    return WorkPage("events.html", "/events", {
        "events": tuple(reversed(newest)), "kinds": kinds, "all_kinds": catalogue().kinds,
    })  # fmt: skip


@page("/events/<code>")
def event_form(who: Colleague, code: str) -> WorkPage:
    return _form(_kind(code), {"packs": request.args.get("pack", "")[:500]})


@step("/events/<code>", WorkRole.SIGN)
def report_event(who: Colleague, code: str) -> WorkPage | Response:
    """Sign and hand in an event of each pack. All are completed before the first is signed."""
    here, kind, at = workspace(), _kind(code), workspace().now()
    reporter = Reporter(
        here.config.issuer, here.project.base_url, _head_of, here.project.vehicle_keys(), True,
        here.config.accreditation, here.config.status_lists,
    )  # fmt: skip
    faults: list[tuple[str, Text]] = []
    completed: list[JsonObject] = []
    for text in _packs():
        try:
            subject = text if here.store.event_head(text) else find_subject(here.store, text, here.project.base_url)
            completed.append(reporter.complete(_document(kind, subject)))
        except FaultyRecord as error:
            faults += [(_field_name(fault.pointer), fault.message) for fault in error.faults]
        except PassportError as error:
            faults.append(("packs", error_text(error)))
    if not completed and not faults:
        faults.append(("packs", Message("Type or scan the code of a pack.")))
    if faults:
        return _form(kind, request.form.to_dict(), list(dict.fromkeys(faults)))
    messages = [reporter.message(document, at=at) for document in completed]
    outcomes = hand_in(here.project, here.store, messages, None, at, here.config.log_passphrase)
    good = (Status.ACCEPTED.value, Status.DUPLICATE.value)
    refused = [
        ("packs", fault["message"])
        for outcome in outcomes
        if outcome["status"] not in good
        for fault in outcome.get("faults", [{"message": Message("the event was not accepted")}])
    ]
    stored = sum(outcome["status"] in good for outcome in outcomes)
    for document in completed if stored else ():
        here.journal.add(at, who.id, f"event-{kind.code}", str(document["pack"]), "")
    if refused:
        return _form(kind, request.form.to_dict(), refused, stored)
    return to("/events", "events-stored", n=stored)


def _form(
    kind: EventKind, typed: dict[str, str], faults: list[tuple[str, Text]] | None = None, stored: int = 0
) -> WorkPage:
    here = workspace()
    values: dict[str, Any] = {
        "kind": kind, "typed": typed, "faults": faults or [], "stored": stored,
        "fields": [(name, term, name in kind.required) for name, term in kind.fields.items()],
        "members": {name: name in kind.members_required for name in _MEMBERS
                    if name in (*kind.members_required, *kind.members_optional)},
        "now": here.now().replace(microsecond=0).isoformat(), "has_vehicle_key": bool(here.project.vehicle_keys()),
        "by_field": {},
    }  # fmt: skip
    for name, text in faults or []:
        values["by_field"].setdefault(name, []).append(text)
    return WorkPage("event-form.html", "/events", values, 400 if faults else 200)


def _document(kind: EventKind, subject: str) -> JsonObject:
    """The event as JSON, out of the form."""
    document: JsonObject = {"pack": subject, "event": kind.code, "occurredAt": field_of("occurredAt", 40)}
    place = {name: field_of(f"place.{name}", 200) for name in ("country", "province", "locality", "facility")}
    if any(place.values()):
        document["place"] = {name: text for name, text in place.items() if text}
    for name, member in (("counterpart", "counterpart"), ("vin", "vin")):
        if text := field_of(name, 500):
            document[member] = text
    fields = {name: value for name, term in kind.fields.items() if (value := _value(name, term)) is not None}
    return {**document, "fields": fields} if fields else document


def _value(name: str, term: Term) -> Any:
    text = field_of(f"fields.{name}", 2000)
    if not text:
        return None
    if term.repeatable:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if term.datatype is Datatype.INTEGER and text.isascii() and text.lstrip("-").isdecimal() and len(text) < 18:
        return int(text)
    if term.datatype is Datatype.BOOLEAN:
        return text == "true"
    if term.datatype is Datatype.LANG_STRING:
        from issuer.workspace.frame import colleague

        return {colleague().language: text}
    return text


def _packs() -> list[str]:
    """What is typed or scanned, a pack a line.

    :raises MalformedDocument: there are too many.
    """
    lines = list(dict.fromkeys(line.strip() for line in field_of("packs", 60_000).splitlines() if line.strip()))
    if len(lines) > MOST_PACKS:
        raise MalformedDocument(Message("too many packs"), expected=Message("at most {count}", count=MOST_PACKS))
    return lines


def _field_name(pointer: str) -> str:
    parts = pointer.split("/")[1:]
    if not parts or parts[0] == "pack":
        return "packs"
    if parts[0] in ("fields", "place") and len(parts) > 1:
        return f"{parts[0]}.{parts[1]}"
    return "place.country" if parts[0] == "place" else "vin" if parts[0] == "vehicle" else parts[0]


def _head_of(pack: str) -> Predecessor | None:
    row = workspace().store.event_head(pack)
    return None if row is None else Predecessor(row.id, row.digest)


def _has_form(kind: EventKind) -> bool:
    return kind.code not in _NOT_BY_HAND and set(kind.members_required) <= set(_MEMBERS)


def _kind(code: str) -> EventKind:
    kind = catalogue().kinds.get(code)
    if kind is None or not _has_form(kind):
        raise NotFound
    return kind
