"""Passports of the store and drafts, by state: what is issued, suspended, withdrawn, and whose read-out is overdue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, field_of, page, step, to, workspace
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.errors import UnknownPassport
from passport.lifecycle import catalogue
from passport.presenting.subject_search import find_subject
from passport.publishing.status.status_lists import purposes_set_of
from passport.store import Pack
from passport.store.workspace.drafts import DraftState
from passport.store.workspace.people import WorkRole
from passport.supervision.rulebook import rulebook
from passport.vocabulary.credential_types import PASSPORT

#: Packs of one page, and packs that are looked through for one state at a time.
PAGE, LOOKED_THROUGH = 50, 2000
STATES = ("all", "issued", "suspended", "withdrawn", "overdue")
_READ_OUT_RULE = "silent-in-use"


@dataclass(frozen=True)
class PassportRow:
    """:ivar state: ``issued``, ``suspended`` or ``withdrawn``; :ivar since: when it was signed.

    :ivar read: instant of the newest read-out; None where there is none; :ivar overdue: whether a newer one is due.
    """

    pack: Pack
    name: str
    model: str
    state: str
    since: datetime | None
    read: datetime | None
    overdue: bool


@cache
def read_out_days() -> int:
    """Days after which a read-out is overdue: those of the supervision's rule, which is a proposal of the project."""
    rule = rulebook().rules.get(_READ_OUT_RULE)
    return int(rule.numbers["days"]) if rule is not None else 365


def passport_rows(after: str = "", state: str = "all", limit: int = PAGE) -> tuple[list[PassportRow], str | None]:
    """Packs behind an address in a state. :returns: them, and where to go on; None at the end."""
    here, rows = workspace(), []
    looked = 0
    while looked < LOOKED_THROUGH:
        packs = here.store.find_packs(after=after, limit=PAGE)
        for row in _described(packs):
            after = row.pack.subject
            if state in ("all", row.state) or (state == "overdue" and row.overdue and row.state == "issued"):
                rows.append(row)
                if len(rows) == limit:
                    return rows, after
        looked += len(packs)
        if len(packs) < PAGE:
            return rows, None
    return rows, after


def _described(packs: tuple[Pack, ...]) -> list[PassportRow]:
    here, at = workspace(), workspace().now()
    newest = here.store.newest([(pack.subject, PASSPORT) for pack in packs])
    stored = {subject: credential for (subject, _), (_, credential) in newest.items()}
    set_ = purposes_set_of(here.store, [credential.id for credential in stored.values()])
    rows = []
    for pack in packs:
        credential = stored.get(pack.subject)
        purposes = set_.get(credential.id, frozenset()) if credential is not None else frozenset()
        state = "withdrawn" if REVOCATION in purposes else "suspended" if SUSPENSION in purposes else "issued"
        read_outs = here.store.read_outs(pack.subject, limit=1)
        read = read_outs[0].instant if read_outs else None
        overdue = read is not None and read < at - timedelta(days=read_out_days())
        since = credential.issued_at if credential is not None else None
        rows.append(
            PassportRow(pack, pack.code or pack.serial, pack.model.rpartition("/")[2], state, since, read, overdue)
        )
    return rows


@page("/passports")
def passports(who: Colleague) -> WorkPage | Response:
    """The list, or the pack that a text names."""
    here = workspace()
    text = request.args.get("q", "").strip()[:200]
    if text:
        try:
            subject = find_subject(here.store, text, here.project.base_url)
        except UnknownPassport:
            named: tuple[Pack, ...] = ()
        else:
            named = tuple(here.store.packs_named(subject))
        return WorkPage("passports.html", "/passports", {
            "rows": _described(named), "state": "all", "next": None, "q": text, "states": STATES,
            "drafts": {}, "days": read_out_days(),
        })  # fmt: skip
    state, after = request.args.get("state", "all"), request.args.get("after", "")[:500]
    if state not in STATES:
        raise NotFound
    rows, go_on = passport_rows(after, state)
    return WorkPage("passports.html", "/passports", {
        "rows": rows, "state": state, "next": go_on, "q": "", "states": STATES, "drafts": here.drafts.counts(),
        "days": read_out_days(), "draft_states": (DraftState.DRAFT, DraftState.WAITS, DraftState.APPROVED),
    })  # fmt: skip


@page("/passport")
def one_passport(who: Colleague) -> WorkPage:
    """A pack: its state, read-outs and events, and the steps of who signs. Its address is in the query."""
    here, subject = workspace(), request.args.get("of", "")[:500]
    pack = here.store.pack(subject)
    if pack is None:
        raise NotFound
    (row,) = _described((pack,))
    read_outs = here.store.read_outs(subject, limit=12)
    events = here.store.event_chain(subject, limit=100)
    return WorkPage(
        "passport.html", "/passports",
        {"row": row, "subject": subject, "read_outs": read_outs, "events": events, "kinds": catalogue().kinds},
    )  # fmt: skip


@step("/passport", WorkRole.SIGN)
def change_status(who: Colleague) -> Response:
    """Suspend a passport, lift that, or withdraw it for good. It is signed at once."""
    here = workspace()
    subject, deed = field_of("of", 500, required=True), field_of("step", 20, required=True)
    reason, public = field_of("reason", 300), field_of("public_reason", 300) or None
    if here.store.pack(subject) is None or deed not in ("suspend", "lift", "withdraw"):
        raise NotFound
    at = here.now()
    if deed == "withdraw":
        here.publisher.revoke(subject, reason=reason, public_reason=public, at=at)
    else:
        here.publisher.suspend(subject, reason=reason, public_reason=public, lift=deed == "lift", at=at)
    here.journal.add(at, who.id, deed, subject, reason)
    return to(f"/passport?of={subject}", f"done-{deed}")
