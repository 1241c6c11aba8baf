"""What is found across the facts: by a text, by maker, by debtor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport.oversight.alert_register import AlertEntry
from passport.store import Store
from passport.store.facts import overview_reading as reading
from passport.store.facts.fact_reading import OwedRow, owed
from passport.store.facts.overview_reading import MakerRow, StatusRow
from passport.store.facts.rule_queries import judging
from passport.supervision.alerts import LIVE
from passport.supervision.rulebook import Rulebook

#: Rules that speak of something owed.
OWED_RULES = ("report-overdue", "hand-over-without-receipt", "silent-in-use")
#: The rule whose time limit a receipt has.
RECEIPT_RULE = "hand-over-without-receipt"


@dataclass(frozen=True)
class Matches:
    """What a text names. :ivar packs: number, IRI, code."""

    packs: tuple[tuple[int, str, str | None], ...]
    actors: tuple[str, ...]


def matches(store: Store, text: str, pack_numbers: tuple[int, ...] = ()) -> Matches:
    """Packs and actors by code, address or DID. :param pack_numbers: packs found otherwise."""
    with judging(store) as (_, connection):
        named = reading.packs_matching(connection, text) if text else ()
        return Matches(
            (*reading.packs_numbered(connection, pack_numbers), *named),
            reading.actors_matching(connection, text) if len(text) >= 3 else (),
        )


def completeness(store: Store) -> tuple[tuple[MakerRow, ...], tuple[StatusRow, ...]]:
    """Makers with their packs and passports; withdrawals and suspensions."""
    with judging(store) as (_, connection):
        return reading.makers(connection), reading.status_changes(connection)


def issued_models(store: Store, limit: int) -> tuple[tuple[str, str, int, str], ...]:
    """Models of issued passports: IRI, category, number of packs, IRI of one pack."""
    with judging(store) as (_, connection):
        return reading.models(connection, limit)


def packs_of_model(store: Store, model: str, after: str, limit: int) -> tuple[tuple[str, str, str], ...]:
    """Packs of a model with a passport: IRI of the model, category, IRI of the pack.

    :param after: IRI of the last pack that was seen; empty for the first page.
    """
    with judging(store) as (_, connection):
        return reading.packs_of_model(connection, model, after, limit)


@dataclass(frozen=True)
class Debtor:
    """An actor that owes something by open alerts. :ivar counts: by rule; :ivar oldest: deadline that passed first."""

    actor: str
    counts: dict[str, int]
    oldest: datetime | None


def debtors(entries: Iterable[AlertEntry]) -> tuple[Debtor, ...]:
    """Who owes what, by open alerts, the largest number first. The receiver owes a receipt."""
    counts: dict[str, dict[str, int]] = {}
    oldest: dict[str, datetime] = {}
    for entry in entries:
        rule = entry.rule.code
        actor = entry.finding.other if rule == RECEIPT_RULE else entry.finding.actor
        if rule not in OWED_RULES or entry.status not in LIVE or actor is None:
            continue
        of_actor = counts.setdefault(actor, dict.fromkeys(OWED_RULES, 0))
        of_actor[rule] += 1
        due = entry.finding.due
        if due is not None and (actor not in oldest or due < oldest[actor]):
            oldest[actor] = due
    found = [Debtor(actor, of_actor, oldest.get(actor)) for actor, of_actor in counts.items()]
    return tuple(sorted(found, key=lambda debtor: (-sum(debtor.counts.values()), debtor.actor)))


def owed_by(store: Store, book: Rulebook, actor: str) -> tuple[OwedRow, ...]:
    """What an actor owes, the most urgent first."""
    rule = book.rules.get(RECEIPT_RULE)
    with judging(store) as (judge, connection):
        judge.prepare(book.inputs())
        return owed(judge, connection, actor, receipt_days=rule.numbers["days"] if rule else 30)
