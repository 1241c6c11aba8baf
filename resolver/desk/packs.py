"""A pack's dossier: what it is, its history, parts, vehicles by hash, alerts, passport, and what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from werkzeug.exceptions import NotFound

from passport.battery.identifiers.address import parse_iri
from passport.errors import PassportError
from passport.oversight.alert_list import AlertFilter
from passport.oversight.pack_dossier import PackDossier, pack_dossier
from passport.supervision.alerts import AlertStatus
from passport.supervision.pack_facts import PART, VEHICLE
from passport.texts import Message
from resolver.addresses import PREFIX
from resolver.desk.alert import ShownStop, decimal, event_lines, kilograms, may_read, vehicle_name
from resolver.desk.alerts import entry_row, page_names
from resolver.desk.evidence import UNKNOWN, EventProof, proofs
from resolver.desk.frame import CHINA, ROOT, DeskPage, Table, Visitor, chosen, desk, route
from resolver.views import services

_HEADINGS = ("number", "event", "kind", "time", "accepted", "actor", "role", "province", "counterpart", "massGrams",
             "vehicle", "state", "digest")  # fmt: skip


@route("/packs/<int:number>")
def desk_pack(visitor: Visitor, number: int) -> DeskPage:
    """The dossier of a pack, by the number of its first event."""
    dossier = pack_dossier(services().store, number)
    if dossier is None:
        raise NotFound
    names, pack = page_names(visitor), dossier.pack
    if not visitor.sees_all:
        # These come from events that this reader may not read.
        pack = replace(pack, holder=None, maker=None, produced=None, state=None, province=None, mass=None)
    alerts = desk().alerts.page(
        AlertFilter(statuses=frozenset(AlertStatus), pack=pack.pack), visitor.at, limit=100, visible=visitor.may_see
    )
    readable = [event for event in dossier.history if may_read(visitor, event)]
    checked = proofs(visitor, [event.event for event in readable]) if chosen("check") else {}
    passport = _passport(pack.pack)
    return DeskPage(
        "pack",
        f"{ROOT}/packs/{number}",
        {
            "pack": pack,
            "name": names.pack(pack.pack, pack.code),
            "mass": names.number(kilograms(pack.mass)) if pack.mass is not None else None,
            "passport": passport,
            "stops": [_stop(visitor, event, checked, names) for event in dossier.history],
            "checked": bool(checked),
            "hidden": len(dossier.history) - len(readable),
            "alerts": [entry_row(entry, visitor) for entry in alerts.entries],
            "parts": [stay for stay in dossier.stays if stay.sort == PART] if visitor.sees_all else [],
            "vehicles": [(vehicle_name(stay.object), stay) for stay in dossier.stays if stay.sort == VEHICLE]
            if visitor.sees_all else [],
            "read_outs": [(names.moment(each.time), decimal(each.soh, 2) if each.soh is not None else None, each.cycles)
                          for each in dossier.read_outs],
            "origins": [(names.pack(iri), other) for iri, other in dossier.origins],
            "successors": [(names.pack(iri), other) for iri, other in dossier.successors],
            "missing": [names.say(each) for each in _missing(dossier, passport, visitor)],
        },
        subject=pack.pack,
        elements=("checked",) if checked else (),
        table=Table(_HEADINGS, [_row(visitor, event) for event in readable]),
    )  # fmt: skip


def _stop(visitor: Visitor, event: Any, checked: dict[str, EventProof], names: Any) -> ShownStop:
    if not may_read(visitor, event):
        return ShownStop("shut", "", "")
    return ShownStop(
        "",
        names.moment(event.time),
        names.kind(event.kind),
        event_lines(event, names, details=visitor.sees_all),
        event,
        checked.get(event.event, EventProof(UNKNOWN)),
    )


def _passport(iri: str) -> str | None:
    """Path of the passport of a pack on this site; None where none was issued here."""
    here = services()
    if here.store.pack(iri) is None:
        return None
    try:
        return PREFIX + parse_iri(iri, here.config.base_url).path
    except PassportError:
        return None


def _missing(dossier: PackDossier, passport: str | None, visitor: Visitor) -> list[Message]:
    """What a whole dossier would have besides, as far as the reader may know."""
    kinds = {event.kind for event in dossier.history}
    missing: list[Message] = []
    if passport is None:
        missing.append(Message("No passport of this pack was issued on this site."))
    if not visitor.sees_all:
        return missing
    if "issue_passport" not in kinds:
        missing.append(Message("No event says that a digital ID was issued."))
    if dossier.pack.code is None:
        missing.append(Message("No code was registered."))
    if "produce" not in kinds:
        missing.append(Message("No event says when and where it was produced."))
    if not dossier.read_outs:
        missing.append(Message("No read-out of it is on file."))
    handed = [event for event in dossier.history if event.kind in ("send_out", "receive_in")]
    if handed and handed[-1].kind == "send_out":
        missing.append(Message("Its last hand-over has no receipt."))
    return missing


def _row(visitor: Visitor, event: Any) -> tuple[Any, ...]:
    def told(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, CHINA).isoformat()

    details = (event.mass, event.vehicle) if visitor.sees_all else (None, None)
    return (
        event.number, event.event, event.kind, told(event.time), told(event.accepted), event.actor, event.role,
        event.province, event.counterpart if visitor.sees_all else None, *details, event.state, event.digest,
    )  # fmt: skip
