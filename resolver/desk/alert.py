"""One alert: evidence in time with what is missing, why the rule speaks, its basis, and the handling beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from passport.errors import UsageError
from passport.lifecycle import catalogue
from passport.oversight.alert_list import concerning, parties
from passport.oversight.alert_register import AlertEntry
from passport.oversight.pack_dossier import EvidenceStop, evidence_line
from passport.presenting.pack_events import readable_kinds
from passport.store.facts.dossier_reading import FactEventRow
from passport.supervision.alerts import ASSIGN, LIVE, STEPS, STEPS_ALLOWED, AlertStatus
from passport.supervision.questions import FIRST, questions
from passport.texts import Message, Text, error_text, say
from resolver.desk.alerts import naming, page_names
from resolver.desk.evidence import UNKNOWN, EventProof, evidence_file, proofs
from resolver.desk.frame import ROOT, DeskPage, Visitor, chosen, chosen_code, chosen_number, desk, look, route
from resolver.desk.names import DeskNames
from resolver.views import services

_MAX_REASON = 1000
_CHANGED = Message(
    "The alert has changed since you opened it. Nothing was recorded; look at its steps and decide again."
)
_RECORDED = Message("The step is recorded.")


@dataclass(frozen=True)
class ShownStop:
    """A stop of the line as the page shows it.

    :ivar row: the event; None where it is a gap, or an event that the reader may not read.
    :ivar kind: ``key_``, ``gap_``, ``shut`` or empty.
    """

    kind: str
    when: str
    title: str
    lines: tuple[str, ...] = ()
    row: FactEventRow | None = None
    proof: EventProof = field(default_factory=lambda: EventProof(UNKNOWN))
    other_pack: bool = False


@route("/alerts/<id_>")
def desk_alert(visitor: Visitor, id_: str) -> DeskPage:
    """The alert of an id."""
    return alert_page(visitor, _visible(visitor, id_))


@route("/alerts/<id_>/evidence")
def desk_evidence(visitor: Visitor, id_: str) -> Response:
    """Its signed events about one pack as one file, which verifies offline.

    A file that tells of two packs is no one story (:mod:`passport.belonging`), so each pack has its own.
    """
    entry = _visible(visitor, id_)
    events = _told(visitor, evidence_line(services().store, entry))
    files = evidence_names(entry, events)
    pack = chosen_number("pack")
    pack = next(iter(files), None) if pack is None else pack
    body = evidence_file(visitor, [event.event for event in events if event.pack == pack]) if pack in files else None
    if body is None or pack is None:
        raise NotFound
    look(visitor, entry_address(entry), "evidence", entry.rule.code)
    response = Response(body, content_type="application/vp")
    response.headers["Content-Disposition"] = f'attachment; filename="{files[pack]}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


@route("/alerts/<id_>/step")
def desk_step(visitor: Visitor, id_: str) -> DeskPage:
    """Record a step, and show the alert as it is then.

    :raises MethodNotAllowed: it was not posted.
    """
    if request.method != "POST":
        raise MethodNotAllowed(valid_methods=["POST"])
    entry = _visible(visitor, id_)
    step = chosen_code("step", STEPS)
    if chosen_number("seen") != len(entry.alert.steps):
        # Sent twice, or another person was faster: a step is never recorded on a state that its author did not see.
        return alert_page(visitor, entry, fault=_CHANGED, status=409)
    owner = chosen("owner") or visitor.reader.holder if step == ASSIGN else None
    try:
        entry = desk().register.step(
            entry, step or "", person=visitor.reader.holder, reason=chosen("reason", _MAX_REASON) or "",
            at=visitor.at, owner=owner,
        )  # fmt: skip
    except (UsageError, KeyError) as error:
        text = error_text(error) if isinstance(error, UsageError) else Message("no step was chosen")
        return alert_page(visitor, entry, fault=text, status=400)
    return alert_page(visitor, entry, note=_RECORDED)


def evidence_names(entry: AlertEntry, events: Sequence[FactEventRow]) -> dict[int, str]:
    """Names of the files of evidence by the number of their pack, the alert's own pack first."""
    own = entry.finding.pack_number
    packs = sorted({event.pack for event in events}, key=lambda pack: (pack != own, pack))
    return {
        pack: f"{entry.id}.evidence.jsonld" if place == 0 else f"{entry.id}-{pack}.evidence.jsonld"
        for place, pack in enumerate(packs)
    }


def _told(visitor: Visitor, stops: Sequence[EvidenceStop]) -> list[FactEventRow]:
    return [stop.event for stop in stops if stop.event is not None and may_read(visitor, stop.event)]


def alert_page(
    visitor: Visitor, entry: AlertEntry, *, note: Text | None = None, fault: Text | None = None, status: int = 200
) -> DeskPage:
    """The page of an alert, with the outcome of a step where one was tried."""
    names = page_names(visitor)
    stops = evidence_line(services().store, entry)
    checked = proofs(visitor, [stop.event.event for stop in stops if stop.event and may_read(visitor, stop.event)])
    shown = [_stop(visitor, stop, entry, checked, names) for stop in stops]
    finding = entry.finding
    due, late = names.deadline(finding.due, visitor.at) if finding.due else ("", False)
    everything = desk().alerts.entries()
    return DeskPage(
        "alert",
        f"{ROOT}/alerts/{entry.id}",
        {
            "entry": entry,
            "sentence": entry.sentence(visitor.language, naming(entry, names)),
            "due": names.day(finding.due),
            "due_words": due,
            "late": late and entry.status in LIVE,
            "stops": shown,
            "outcomes": _tally(shown),
            "files": evidence_names(entry, _told(visitor, stops)),
            "gaps": sum(stop.kind == "gap_" for stop in shown),
            "questions": _answers(entry, stops, names),
            "steps": [_step_shown(step, names, visitor) for step in reversed(entry.alert.steps)],
            "allowed": [step for step in STEPS if entry.status in STEPS_ALLOWED[step]],
            "parties": [(did, sum(each.status in LIVE for each in concerning(everything, did)))
                        for did in parties(entry)],
            "of_rule": _of_rule(everything, entry.rule.code),
            "looked": entry_address(entry),
            "note": note and say(note, visitor.language),
            "fault": fault and say(fault, visitor.language),
            "reason": (chosen("reason", _MAX_REASON) or "") if fault else "",
            "pack_name": names.pack(finding.pack, entry.code) if finding.pack else "",
        },
        subject=entry_address(entry),
        elements=(entry.rule.code, *(["step"] if note else [])),
        status=status,
    )  # fmt: skip


def entry_address(entry: AlertEntry) -> str:
    """What the log of looks calls an alert."""
    return f"{services().config.base_url}{ROOT}/alerts/{entry.id}"


def _visible(visitor: Visitor, id_: str) -> AlertEntry:
    """:raises NotFound: there is no such alert, or the reader may not know that there is."""
    entry = desk().alerts.find(id_)
    if entry is None or not visitor.may_see(entry):
        raise NotFound
    return entry


def may_read(visitor: Visitor, event: FactEventRow) -> bool:
    return visitor.sees_all or event.kind in readable_kinds(visitor.reader.audience)


def _stop(
    visitor: Visitor, stop: EvidenceStop, entry: AlertEntry, checked: dict[str, EventProof], names: DeskNames
) -> ShownStop:
    if stop.event is None:
        return _gap(stop, names)
    if not may_read(visitor, stop.event):
        return ShownStop("shut", "", "")
    event = stop.event
    return ShownStop(
        "key_" if stop.key else "",
        names.moment(event.time),
        names.kind(event.kind),
        event_lines(event, names, details=visitor.sees_all),
        event,
        checked.get(event.event, EventProof(UNKNOWN)),
        entry.finding.pack_number is not None and event.pack != entry.finding.pack_number,
    )


def _gap(stop: EvidenceStop, names: DeskNames) -> ShownStop:
    if stop.since is None:
        when = Message("before {day}", day=names.day(stop.until))
    elif stop.until is None:
        when = Message("after {day}", day=names.day(stop.since))
    else:
        when = Message("between {first} and {last}", first=names.day(stop.since), last=names.day(stop.until))
    kinds = [names.kind(kind) for kind in stop.kinds if kind in catalogue().kinds]
    title = names.say(Message("Not on record: {kinds}", kinds=kinds))
    question = names.say(stop.question.label) if stop.question else ""
    looked = names.say(Message("Looked for: {kinds}", kinds=", ".join(stop.kinds)))
    return ShownStop("gap_", names.say(when), title, (question, looked))


def event_lines(event: FactEventRow, names: DeskNames, *, details: bool) -> tuple[str, ...]:
    """What an event says, in sentences.

    :param details: whether the reader may read its details.
    """
    said: list[Message] = []
    if event.counterpart:
        said.append(Message("Counterpart: {name}", name=names.actor(event.counterpart)))
    if event.found == 0 and event.kind == "scrap_vehicle":
        said.append(Message("The pack was not among the codes found."))
    if event.choice:
        said.append(Message("Stated: {value}", value=names.value(event.choice)))
    if event.code:
        said.append(Message("Code: {value}", value=event.code))
    if event.corrects:
        said.append(Message("Corrects {event}", event=event.corrects))
    if details and event.vehicle:
        said.append(Message("Vehicle {hash} (VIN as keyed hash)", hash=vehicle_name(event.vehicle)))
    if details and event.mass is not None:
        said.append(Message("Mass: {mass} kg", mass=names.number(kilograms(event.mass))))
    if details and event.soh is not None:
        said.append(Message("State of health: {percent} %", percent=names.number(decimal(event.soh, 2))))
    if event.object and event.kind == "scrap_vehicle":
        said.append(Message("Certificate {number}", number=event.object))
    late = (event.accepted - event.time) // 86400
    if late > 0:
        said.append(Message("Reported {n} day later", plural="Reported {n} days later", n=late))
    return tuple(names.say(sentence) for sentence in said)


def vehicle_name(value: str) -> str:
    """A vehicle on the desk: six characters of its hash."""
    return f"h:{value[1:5]}…{value[-2:]}"


def kilograms(grams: int) -> str:
    return decimal(grams, 3)


def decimal(value: int, places: int) -> str:
    """An integer as a decimal number, without noughts at its end."""
    whole, rest = divmod(value, 10**places)
    fraction = f"{rest:0{places}}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)


def _tally(shown: Sequence[ShownStop]) -> dict[str, int]:
    counted = {"ok": 0, "no": 0, "qm": 0, "shut": 0}
    for stop in shown:
        if stop.kind == "shut":
            counted["shut"] += 1
        elif stop.row is not None:
            counted[stop.proof.outcome] += 1
    return counted


def _answers(entry: AlertEntry, stops: Sequence[EvidenceStop], names: DeskNames) -> list[tuple[str, str, str | None]]:
    """Question, answer, and the event that answers."""
    keys = [stop.event for stop in stops if stop.event is not None and stop.key]
    by_number = {event.number: event for event in keys}
    answers = []
    for question in questions()[entry.rule.code]:
        numbers = entry.finding.numbers
        number = None if question.shows is None else numbers[0] if question.shows == FIRST else numbers[-1]
        event = by_number.get(number) if number is not None else None
        told = f"{names.kind(event.kind)}, {names.day(event.time)}" if event else None
        answers.append((names.say(question.label), question.answer, told))
    return answers


def _step_shown(step: Any, names: DeskNames, visitor: Visitor) -> dict[str, Any]:
    return {
        "at": names.moment(step.at),
        "step": step.step,
        "person": names.actor(step.person),
        "owner": names.actor(step.owner) if step.owner else None,
        "reason": step.reason,
    }


def _of_rule(everything: Sequence[AlertEntry], rule: str) -> dict[str, int]:
    """How alerts of a rule ended so far."""
    of_rule = [entry.status for entry in everything if entry.rule.code == rule]
    return {
        "all": len(of_rule),
        "ceased": of_rule.count(AlertStatus.CEASED),
        "closed": of_rule.count(AlertStatus.CLOSED),
        "explained": of_rule.count(AlertStatus.EXPLAINED),
    }
