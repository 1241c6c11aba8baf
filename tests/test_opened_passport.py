"""Three lines for programmers: open, verify, read. Nothing is read that did not verify."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import passport
from passport.errors import MalformedDocument, NotVerified, UnreadableInput
from passport.vocabulary.vocabulary import Audience
from tests.conftest import CHECKOUT
from tests.resolver.conftest import NOW, Operator, make_operator, make_site


@pytest.fixture(scope="module")
def operator(tmp_path_factory) -> Operator:
    return make_operator(tmp_path_factory.mktemp("opened"))


@pytest.fixture(scope="module")
def file(operator, tmp_path_factory) -> Path:
    """The recycler's view of the EV pack, saved."""
    folder = tmp_path_factory.mktemp("saved")
    view = make_site(operator, folder).presenter.present(operator.packs["ev"], Audience.LEGITIMATE_INTEREST)
    path = folder / "view.jsonld"
    path.write_bytes(view.presentation_bytes())
    return path


@pytest.fixture
def pack(file, operator):
    opened = passport.open(file)
    assert opened.verify(operator.project.trust_list_path, at=NOW).verified is True
    return opened


def test_what_is_read_is_what_was_signed(pack):
    assert pack.claims["ratedEnergy"] == "100" and "stateOfCertifiedEnergy" in pack.claims


def test_the_graph_holds_the_statements_without_proofs(pack):
    answer = pack.to_graph().query("SELECT ?e { ?m <https://w3id.org/battery-passport/ns#ratedEnergy> ?e }")
    assert [row[0].toPython() for row in answer] == [Decimal(100)]
    assert not [each for each in pack.to_graph().predicates() if str(each).endswith("proofValue")]


def test_the_table_has_a_row_for_each_value_with_its_unit(pack):
    table = pack.to_dataframe()
    (row,) = table[table.indicator == "ratedEnergy"].to_dict("records")
    assert (row["value"], row["unit"], row["label"]) == ("100", "kWh", "Rated energy")
    shares = table[(table.indicator == "criticalRawMaterials") & (table.field == "massFraction")]
    assert len(shares) == 9 and shares.value.astype(float).sum() < 100


def test_the_history_is_in_order_and_names_who_signed(pack, operator):
    entries = pack.history()
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)
    assert {"BatteryModelCredential", "BatteryConditionCredential"} <= {entry.kind for entry in entries}
    assert {entry.issuer for entry in entries} == {operator.project.issuer}


def test_nothing_is_read_before_it_verified_nor_of_what_does_not(file, operator, tmp_path):
    opened = passport.open(str(file))
    for read in (lambda: opened.claims, opened.to_graph, opened.to_dataframe, opened.history):
        with pytest.raises(NotVerified):
            read()
    document = json.loads(file.read_bytes())
    document["verifiableCredential"][0]["credentialSubject"]["ratedEnergy"] = "999"
    changed = tmp_path / "changed.jsonld"
    changed.write_text(json.dumps(document))
    forged = passport.open(changed)
    assert forged.verify(operator.project.trust_list_path, at=NOW).verified is False
    with pytest.raises(NotVerified, match="not verified"):
        _ = forged.claims


def test_a_file_that_is_none_is_refused(tmp_path):
    with pytest.raises(UnreadableInput):
        passport.open(tmp_path / "absent")
    (tmp_path / "x").write_bytes(b"{")
    with pytest.raises(MalformedDocument):
        passport.open(tmp_path / "x")


def test_the_notebook_runs_over_the_saved_passports(file, operator, tmp_path, monkeypatch):
    """Its cells one after the other, as a reader runs them; without a picture where no matplotlib is."""
    notebook = json.loads((CHECKOUT / "examples" / "passports.ipynb").read_text(encoding="utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells and all(not cell.get("outputs") for cell in notebook["cells"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ev.jsonld").write_bytes(file.read_bytes())
    (tmp_path / "trusted-issuers.json").write_bytes(operator.project.trust_list_path.read_bytes())
    monkeypatch.setenv("PASSPORT_DEMO", str(tmp_path))
    monkeypatch.setenv("PASSPORT_AT", NOW.isoformat())
    names: dict = {}
    for cell in cells:
        exec(compile(cell, "passports.ipynb", "exec"), names)  # noqa: S102 - our own notebook
    assert names["footprint"]["batteryCarbonFootprint"] == 0.154 and 0 < names["health"].iloc[0] <= 100


def test_the_module_is_the_command():
    done = subprocess.run([sys.executable, "-m", "passport", "--version"], capture_output=True, text=True, cwd=CHECKOUT)
    assert done.returncode == 0 and done.stdout.startswith("passport, version ")
