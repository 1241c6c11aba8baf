"""Facts out of signed statements other than events: read-outs, what packs hold, and what upload records state.

* A read-out is a condition credential; its cycles and its state of certified energy become a fact of its time.
* What a pack holds of a metal is its share of critical raw materials times the mass of the battery, both by the model's
  credential. It is as precise as that statement, which has a few digits.
* Of a pack whose model is not in this store nothing is known, and facts of it that were given from elsewhere stay.
* What upload records state of a pack, its batch and its model is taken from the newest credentials of this store, for
  packs with events. A credential that comes later replaces what the one before stated.
"""

from __future__ import annotations

import json
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
from passport.store.tables import is_storable
from passport.supervision.pack_facts import seconds
from passport.supervision.upload_fields import BATCH as BATCH_OF
from passport.supervision.upload_fields import MODEL as MODEL_OF
from passport.supervision.upload_fields import statement_names
from passport.vocabulary.credential_types import BATCH, EVENT, MODEL, MODEL_DETAIL, PASSPORT

#: Materials of recycling reports, by the CAS number of what a maker lists.
MATERIALS: Mapping[str, str] = {
    "7439-93-2": "lithium", "7440-48-4": "cobalt", "7440-02-0": "nickel", "7439-96-5": "manganese",
    "7440-50-8": "copper", "7429-90-5": "aluminium", "7439-89-6": "iron",
}  # fmt: skip
_GRAMS, _HUNDREDTHS = 1000, 100
#: Types of credentials from which upload records take what they state.
STATING = (MODEL, MODEL_DETAIL, BATCH, PASSPORT, EVENT)


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


def state_subjects(transaction: Transaction, facts: FactWriter, packs: Iterable[str]) -> None:
    """Renew what credentials state of these packs, and of their batches and models."""
    shared: set[str] = set()
    for pack in packs:
        stated = _state(transaction, facts, pack)
        shared |= {json.loads(stated[name]) for name in (MODEL_OF, BATCH_OF) if name in stated}
    for subject in sorted(shared):
        _state(transaction, facts, subject)


def state_all(transaction: Transaction, facts: FactWriter, portions: Iterable[Iterable[str]]) -> None:
    """Make the facts of all statements, and of what packs hold, again. :param portions: packs with events."""
    for packs in portions:
        state_contents(transaction, facts, packs)
        state_subjects(transaction, facts, packs)
    facts.reach_statements(reading.newest_credential(transaction.connection))


def follow_statements(transaction: Transaction, facts: FactWriter, recorded: Iterable[str]) -> None:
    """Renew what credentials state that came since the last time, and of packs that have their first events.

    :param recorded: IRIs of packs that got events.
    """
    before, newest = facts.reached_statements(), reading.newest_credential(transaction.connection)
    new = {pack for pack in recorded if not facts.is_stated(pack)}
    if newest > before:
        changed = reading.subjects_since(transaction.connection, STATING, before)
        new |= {subject for subject in changed if facts.is_stated(subject) or facts.numbers_of({subject: None})}
        facts.reach_statements(newest)
    state_subjects(transaction, facts, sorted(new))


def _state(transaction: Transaction, facts: FactWriter, subject: str) -> dict[str, str]:
    """What the newest credentials of each type state of a subject; returns it as JSON texts by indicator."""
    stated: dict[str, str] = {}
    issuers: dict[str, str] = {}
    for statement in reading.statements_of(transaction.connection, subject, STATING):
        document = _document(statement.body)
        members = document.get("credentialSubject")
        if not isinstance(members, dict):
            continue
        issuer = document.get("issuer")
        for name in statement_names() & members.keys():
            if name not in stated and is_storable(text := json.dumps(members[name], ensure_ascii=False)):
                stated[name] = text
                issuers[name] = issuer if isinstance(issuer, str) else ""
    facts.state(subject, [{"name": name, "value": value, "issuer": issuers[name]} for name, value in stated.items()])
    return {name: value for name, value in stated.items() if name in (MODEL_OF, BATCH_OF) and value.startswith('"')}


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
    subject = _document(body).get("credentialSubject")
    return subject if isinstance(subject, dict) else {}


def _document(body: bytes) -> JsonObject:
    """A signed document; empty where it is damaged, which readers of it are told."""
    try:
        document = strict_json.loads(body)
    except PassportError:
        return {}
    return document if isinstance(document, dict) else {}


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10**9 else None
