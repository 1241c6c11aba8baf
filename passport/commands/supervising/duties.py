"""``passport duties``: who reports what within how many days, and what one actor owes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from passport.commands.terminal import console
from passport.project import Project
from passport.store.facts.fact_reading import OwedRow, owed
from passport.store.facts.rule_queries import judging
from passport.supervision.rulebook import Duty, Rulebook, rulebook
from passport.texts import Message, by_language, say

_OVERDUE = 1
#: The rule whose time limit a receipt has.
_RECEIPT_RULE = "hand-over-without-receipt"


@click.command()
@click.option("--actor", metavar="DID", help="What this actor owes; without it, the duties themselves.")
@click.option("--country", "countries", multiple=True, help="Duties of this jurisdiction only; repeatable.")
@console.project_option
@console.command
def duties(actor: str | None, countries: tuple[str, ...], project_folder: str | None, as_json: bool) -> None:
    """List the duties to report, or what one actor owes and since when.

    A duty whose basis was not at hand is marked: its time limit is an assumption. Exit code 1: something is overdue.

    \b
    Examples:
      passport duties --country cn
      passport duties --actor did:web:shop.example --project shop
      passport duties --actor did:web:shop.example --project shop --json
    """
    if actor is None:
        _print_duties(rulebook().profile(*countries) if countries else rulebook(), as_json)
        return
    project = Project.find(project_folder)
    book = rulebook().profile(*(countries or project.regimes))
    receipt = book.rules.get(_RECEIPT_RULE)
    with judging(project.open_store()) as (judge, connection):
        judge.prepare(book.inputs())
        rows = owed(judge, connection, actor, receipt_days=receipt.numbers["days"] if receipt else 30)
    now = console.now()
    overdue = [row for row in rows if _day(row.due) < now]
    if as_json:
        console.say_json({"actor": actor, "owed": [_row_json(book, row, now) for row in rows]})
    else:
        console.say(Message(
            "{actor} owes {n} report or step, {overdue} overdue",
            plural="{actor} owes {n} reports or steps, {overdue} overdue",
            actor=actor, n=len(rows), overdue=len(overdue),
        ))  # fmt: skip
        for row in rows:
            console.say(Message(
                "{mark}  by {day:day}  {duty}  {pack}  after {event}",
                mark=Message("overdue") if _day(row.due) < now else Message("due"),
                day=_day(row.due), duty=_label(book, row), pack=row.pack, event=row.event,
            ))  # fmt: skip
    if overdue:
        raise SystemExit(_OVERDUE)


def _print_duties(book: Rulebook, as_json: bool) -> None:
    if as_json:
        console.say_json({"duties": [_duty_json(duty) for duty in book.duties.values()]})
        return
    for duty in book.duties.values():
        console.say(Message(
            "{code}  {days} days  {label}  [{basis}]", code=duty.code, days=duty.days, label=duty.label,
            basis=duty.basis,
        ))  # fmt: skip
        if not duty.verified:
            console.say("  ", Message("The text of this basis was not at hand."))


def _label(book: Rulebook, row: OwedRow) -> Any:
    return book.duties[row.duty].label if row.duty else Message("Receipt of a hand-over")


def _row_json(book: Rulebook, row: OwedRow, now: datetime) -> dict[str, Any]:
    return {
        "duty": row.duty or None,
        "label": {language: say(_label(book, row), language) for language in ("en", "zh")},
        "pack": row.pack,
        "event": row.event,
        "since": _day(row.since).isoformat(),
        "due": _day(row.due).isoformat(),
        "overdue": _day(row.due) < now,
    }


def _duty_json(duty: Duty) -> dict[str, Any]:
    return {
        "code": duty.code,
        "country": duty.profile,
        "form": duty.form,
        "reporters": list(duty.reporters),
        "events": list(duty.events),
        "doneBy": list(duty.done_by),
        "days": duty.days,
        "since": duty.since.isoformat(),
        "label": by_language(duty.label),
        "basis": by_language(duty.basis),
        "basisVerified": duty.verified,
        "stage": by_language(duty.stage) if duty.stage else None,
        "limitBefore": by_language(duty.was) if duty.was else None,
    }


def _day(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
