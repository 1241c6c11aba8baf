"""Completeness by model and regime: what validation says of the record is what signed documents say of the model."""

from __future__ import annotations

from passport.presenting.model_completeness import by_model
from passport.validation.record_intake import judge
from passport.vocabulary.vocabulary import Stage, due_on, regimes
from tests.packs import example_records
from tests.resolver.conftest import NOW, make_operator

BOOKS = {"ev": "ev-ncm-100kwh", "stationary": "stationary-lfp", "lmt": "lmt-ebike"}


def rows_of(operator):
    packs = [(operator.store.pack(pack), pack) for pack in operator.packs.values()]
    models = [(row.model, row.category, 1, pack) for row, pack in packs]
    return {row.sample: row for row in by_model(operator.store, regimes().values(), models, due_on(NOW.date()))}


def test_signed_documents_give_what_validation_found_in_the_record(tmp_path):
    operator = make_operator(tmp_path)
    rows = rows_of(operator)
    for name, book in BOOKS.items():
        on = due_on(NOW.date())
        _, judged = judge(
            example_records(f"{book}.xlsx")[0], tuple(regimes().values()), on=on, at_stage=Stage.PRODUCTION
        )
        counts = rows[operator.packs[name]].regimes
        for code, report in judged.regimes.items():
            if report.applies:
                assert (counts[code].given, counts[code].due) == (report.present_due, report.due), (name, code)
                assert not counts[code].missing
            else:
                assert code not in counts


def test_what_no_document_gives_is_missing_and_a_model_without_a_passport_is_left_out(tmp_path):
    operator = make_operator(tmp_path, "ev-ncm-100kwh")
    pack = operator.packs["ev"]
    row = operator.store.pack(pack)
    other = [("urn:model", row.category, 5, pack), (row.model, row.category, 1, "urn:no-pack")]
    (found,) = by_model(operator.store, regimes().values(), other, due_on(NOW.date()))
    assert "batteryMass" in found.regimes["eu"].missing
    assert found.regimes["eu"].given == found.regimes["eu"].due - len(found.regimes["eu"].missing)
