"""docs/verification.md is right: its commands run, its codes exist, its trust list loads, it has the six checks."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from passport.belonging import BelongingPhrase
from passport.commands import main
from passport.credentials.sentences import PHRASES
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CHECKS

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "verification.md").read_text(encoding="utf-8")


def test_the_table_has_the_six_checks_under_their_names():
    rows = re.findall(r"^\| ([1-6]) \| ([^|]+?) \|", TEXT, re.MULTILINE)
    assert {int(number): name for number, name in rows} == CHECKS


def test_each_code_that_it_names_is_one():
    table = TEXT.split("## What to do with each answer")[1].split("## What no signature")[0]
    codes = set(re.findall(r"`([a-z-]+)`", table)) - {"--offline"}
    assert len(codes) > 15
    assert codes <= {*PHRASES, *BelongingPhrase.sentences, "subject-not-accepted"}


def test_the_trust_list_that_it_shows_is_one():
    shown = json.loads(re.search(r"```json\n(.*?)```", TEXT, re.DOTALL)[1])
    shown["issuers"][0] |= {"id": "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"}
    assert TrustList.from_json(shown).issuers[0].namespaces.manufacturer_codes == ("ZZZ",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("verification")
    run = CliRunner().invoke
    demo = place / "demo"
    assert run(main, ["demo", "--no-serve", "--folder", str(demo)]).exit_code == 0
    saved = run(
        main, ["show", "ZZZPE10A7K2M05G6J0000317", "--project", str(demo), "--save", str(place / "view.jsonld")]
    )
    assert saved.exit_code == 0, saved.output
    (place / "trusted-issuers.json").write_text((demo / "trusted-issuers.json").read_text())
    return place


def test_its_commands_give_the_answers_that_it_names(folder, monkeypatch):
    monkeypatch.chdir(folder)
    calls = [line.split()[2:] for line in re.findall(r"^\$ (passport verify .*)$", TEXT, re.MULTILINE)]
    assert len(calls) == 3
    run = CliRunner().invoke
    assert run(main, ["verify", *calls[0]]).exit_code == 0
    report = run(main, ["verify", *calls[1][:-1], "--offline", "--json"])
    assert report.exit_code == 0
    found = json.loads(report.stdout)
    assert found["verified"] is True and found["credentials"] and found["statusLists"]
    # At another instant than now the lists of the demo are of a later or an earlier time.
    assert run(main, ["verify", *calls[2]]).exit_code in (1, 3)


def test_the_library_hands_out_the_documents_as_shown(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1]
    exec(code, {"document": json.loads((folder / "view.jsonld").read_text())})
    assert "/credentials/" in capsys.readouterr().out


def test_the_lines_of_the_library_page_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    page = (Path(__file__).resolve().parents[1] / "docs" / "library.md").read_text(encoding="utf-8")
    opened, verify, vocabulary = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    document = json.loads((folder / "view.jsonld").read_text())
    names = {"document": document, "address": "ZZZPE10A7K2M05G6J0000317"}
    exec(re.sub(r'passport\.open\(".*?"\)', 'passport.open("view.jsonld")', opened), names)
    assert names["pack"].claims["ratedEnergy"]
    exec(verify, names)
    assert names["result"].verified is True and names["result"].documents
    names = {}
    exec(vocabulary, names)
    assert names["vocabulary"].by_heading("标称电压") is names["vocabulary"].indicators["nominalVoltage"]
