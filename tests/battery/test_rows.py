"""Lists of many entries of one form are read, stated, claimed, walked and judged by columns, as entry by entry."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.battery import claims as claims_module
from passport.battery import record_statements, value_reader
from passport.battery.claims import claims, under
from passport.battery.fault import Location
from passport.battery.record import Record
from passport.battery.value_reader import RecordBuilder
from passport.credentials.credential import CREDENTIALS_V2
from passport.linked_data import columns as columns_module
from passport.linked_data import compiled, spelling
from passport.linked_data.columns import columns
from passport.validation import shacl
from passport.validation.compiled import node_checks, shape
from passport.validation.rule_facts import RuleFacts
from passport.validation.rule_functions import CHECKS
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Carrier, Category, load
from tests.conftest import example_count

CELLS = "cellTractionBatteryCodes"
#: What one entry of many may hold instead of a code.
ODD = st.sampled_from([
    "", "TBD", "2.6E+15", "ZZYCE12C4R9T21G5T0018401\n", "ZZYCE12C4R9T21G5T 018401", 'ZZ"E12C4R9T21G5T0018401',
    "bpnl000000000000", "ZZYCE12C4R9T21G5T0000000", "a" * 6000, "\u7535" * 20, "x\x00y", None, 7, 1.5, True, [], ["A"],
    {"id": "urn:x"}, "\ud800",
])  # fmt: skip
NAMES = st.sampled_from(["urn:c#cell-{n}", "urn:c#{n}", "same:1", "cred:{n}", "id {n}", "\u00e9:{n}"])


def cell(n: int) -> dict:
    return {"moduleCode": "ZZZME11A7K2M05G6G0003785", "cellCode": f"ZZYCE12C4R9T21G5T{n + 1:07}"}


@st.composite
def entries(draw: st.DrawFn) -> list:
    """Cells, of which some may have another form."""
    listed: list = [cell(n) for n in range(draw(st.integers(7, 10)))]
    for _ in range(draw(st.integers(0, 2))):
        n, name = (
            draw(st.integers(0, len(listed) - 1)),
            draw(st.sampled_from(["cellCode", "moduleCode", "unknown", "id"])),
        )
        change = draw(st.sampled_from(["value", "drop", "order", "whole"]))
        if not isinstance(listed[n], dict):
            continue
        if change == "value":
            listed[n] = {**listed[n], name: draw(ODD)}
        elif change == "drop":
            listed[n].pop(name, None)
        elif change == "order":
            listed[n] = dict(reversed(listed[n].items()))
        else:
            listed[n] = draw(st.sampled_from([None, "text", 1, [], {}]))
    return listed


def read(listed: list) -> tuple:
    builder = RecordBuilder(lambda *place: Location("f", pointer=str(place)))
    return builder.part("events", {CELLS: listed}, "production"), builder.faults


def record(listed: list) -> Record:
    return Record(Category.EV, {}, {}, events={"production": {CELLS: listed}})


def by_entry(make):
    """An answer that is made entry by entry."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(value_reader, "_are_rows_of_codes", lambda *_: False)
        patch.setattr(record_statements, "_state_table", lambda *_: None)
        patch.setattr(claims_module, "_claims_of_rows", lambda *_: None)
        patch.setattr(compiled, "columns", lambda _: None)
        patch.setattr(spelling, "columns", lambda _: None)
        for module in (shape, node_checks):
            patch.setattr(module, "MANY", 10**9)
        return make()


def shown(value: object) -> str:
    """Told apart by type, too. Blank nodes are numbered through a process."""
    return re.sub(r"Blank\(label='n[0-9]+'\)", "Blank", repr(value))


@settings(max_examples=example_count(40), deadline=None)
@given(listed=entries())
def test_what_is_read_by_columns_is_what_is_read_entry_by_entry(listed):
    assert shown(read(listed)) == shown(by_entry(lambda: read(listed)))


@settings(max_examples=example_count(40), deadline=None)
@given(listed=entries())
def test_statements_claims_and_judgement_by_columns_are_those_entry_by_entry(listed):
    def answers() -> tuple:
        stated = record_statements.statements(record(listed), load())
        conform = [each.conform(stated, of=stated) for each in shape.compiled(shacl.shapes("shapes/datatypes.ttl"))]
        facts = RuleFacts(stated, date(2026, 12, 1))
        texts = [facts.texts(CELLS, term) for term in ("cellCode", "moduleCode")]
        hits = {name: list(check(facts)) for name, check in CHECKS.items()}
        return claims(record(listed), Carrier.EVENT, "urn:c"), dict(stated.nodes), conform, texts, hits

    assert shown(answers()) == shown(by_entry(answers))


def test_two_lists_that_say_something_of_the_same_nodes_are_stated_as_entry_by_entry():
    sizes = {"a": 9, "b": 8, "c": 10, "d": 2}
    events = {name: {CELLS: [cell(n) for n in range(size)]} for name, size in sizes.items()}
    several = Record(Category.EV, {}, {}, events=events)

    def stated() -> tuple:
        made = record_statements.statements(several, load())
        return sorted(made.nodes.items()), sorted(set(made)), made.dated

    assert shown(stated()) == shown(by_entry(stated))


@settings(max_examples=example_count(40), deadline=None)
@given(
    listed=entries(),
    names=NAMES,
)
def test_a_document_walked_and_spelled_by_columns_is_the_one_walked_entry_by_entry(listed, names):
    cells = [
        {"id": names.format(n=n), **each} if isinstance(each, dict) and "id" not in each else each
        for n, each in enumerate(listed)
    ]
    document = {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": "urn:c",
        "type": ["VerifiableCredential", "BatteryEventCredential"],
        "credentialSubject": {"id": "urn:s", "type": "BatteryPack", CELLS: cells},
    }

    def answers() -> tuple:
        walked = compiled.walk(document)
        quads = None if walked is None else (sorted(walked.quads()), walked.canonical().lines, len(walked.blank))
        return quads, spelling.respelled(document) is None

    assert shown(answers()) == shown(by_entry(answers))


@settings(max_examples=example_count(30), deadline=None)
@given(listed=entries())
def test_claims_get_the_iri_of_their_credential_afterwards(listed):
    part = {**record(listed).events["production"], "batteryProductionRecord": {"packCode": "ZZZPE10A7K2M05G6J0000317"}}
    whole = Record(Category.EV, {}, {}, events={"production": part})
    stated = claims(whole, Carrier.EVENT, "") or {}
    assert under("urn:credential", stated) == claims(whole, Carrier.EVENT, "urn:credential")


def test_short_lists_mixed_lists_and_lists_of_nothing_have_no_columns():
    assert columns([]) is None and columns([{}] * 20) is None and columns([1] * 20) is None
    assert columns([cell(0)] * (columns_module.LEAST - 1)) is None
    assert list(columns([cell(n) for n in range(9)]) or {}) == ["moduleCode", "cellCode"]
