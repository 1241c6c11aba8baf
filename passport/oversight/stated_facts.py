"""Facts out of signed statements other than events: read-outs, and what packs hold by the statement of their maker.

* A read-out is a condition credential; its cycles and its state of certified energy become a fact of its time.
* What a pack holds of a metal is its share of critical raw materials times the mass of the battery, both by the model's
  credential. It is as precise as that statement, which has a few digits.
* Of a pack whose model is not in this store nothing is known, and facts of it that were given from elsewhere stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject, as_list
from passport.store import Transaction
from passport.store.facts import statement_reading as reading
from passport.store.facts.fact_writing import FactWriter
from passport.supervision.pack_facts import seconds
from passport.vocabulary.credential_types import MODEL

#: Materials of recycling reports, by the CAS number of what a maker lists.
MATERIALS: Mapping[str, str] = {
    "7439-93-2": "lithium", "7440-48-4": "cobalt", "7440-02-0": "nickel", "7439-96-5": "manganese",
    "7440-50-8": "copper", "7429-90-5": "aluminium", "7439-89-6": "iron",
}  # fmt: skip
_GRAMS, _HUNDREDTHS = 1000, 100


def follow_read_outs(transaction: Transaction, facts: FactWriter) -> dict[str, str]:
    """Make facts of the read-outs that came since the last time; returns the newest one's id by IRI of its pack."""
    before, newest = facts.reached_read_outs(), reading.newest_read_out(transaction.connection)
    if newest <= before:
        return {}
    came: dict[str, str] = {}
    for row in _read_outs(transaction, before):
        facts.add_read_out(row)
        came[row["pack"]] = row["credential"]
    facts.reach_read_outs(newest)
    return came


def state_contents(transaction: Transaction, facts: FactWriter, packs: Iterable[str]) -> tuple[str, ...]:
    """Make facts of what these packs hold, by the credentials of their models; returns the packs where they differ."""
    models = reading.models_of(transaction.connection, list(packs))

    @lru_cache(maxsize=1000)
    def held(model: str) -> tuple[tuple[str, int], ...]:
        statement = reading.newest_statement(transaction.connection, model, MODEL)
        return () if statement is None else tuple(sorted(contents_of(_subject(statement.body)).items()))

    return facts.state_contents({pack: contents for pack, model in models.items() if (contents := held(model))})


def contents_of(model: JsonObject) -> dict[str, int]:
    """What a pack holds, in grams by material, by the subject of the credential of its model."""
    mass = _number(model.get("batteryMass"))
    contents: dict[str, int] = {}
    for entry in as_list(model.get("criticalRawMaterials")):
        if not isinstance(entry, dict):
            continue
        material, share = MATERIALS.get(str(entry.get("substanceIdentifier"))), _number(entry.get("massFraction"))
        if material is not None and share is not None and mass is not None:
            contents[material] = contents.get(material, 0) + int(mass * share / 100 * _GRAMS)
    return contents


def read_out_row(pack: str, credential: str, subject: JsonObject) -> dict[str, Any] | None:
    """A read-out as a row of facts; None where it has no time."""
    try:
        time = seconds(datetime.fromisoformat(str(subject.get("recordedAt"))))
    except ValueError:
        return None
    energy, cycles = _number(subject.get("stateOfCertifiedEnergy")), _number(subject.get("numberOfFullCycles"))
    return {
        "pack": pack, "time": time, "soh": None if energy is None else int(energy * _HUNDREDTHS),
        "cycles": None if cycles is None else int(cycles), "credential": credential,
    }  # fmt: skip


def _read_outs(transaction: Transaction, after: int) -> Iterator[dict[str, Any]]:
    for statement in reading.read_outs_since(transaction.connection, after):
        row = read_out_row(statement.subject, statement.id, _subject(statement.body))
        if row is not None:
            yield row


def _subject(body: bytes) -> JsonObject:
    try:
        subject = strict_json.loads(body).get("credentialSubject")
    except (PassportError, AttributeError):
        return {}
    return subject if isinstance(subject, dict) else {}


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**9 else None
