"""The log of exchanges: its checkpoints, what was changed in it and where, and evidence that binds the other side."""

from __future__ import annotations

import json
import shutil
import sqlite3
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from issuer.commands.connector import connector
from passport.connector.exchange_evidence import EvidenceOutcome, ExchangeEvidence, check
from passport.errors import MalformedLogData
from passport.identity import DidResolver
from passport.transparency.note import NoteKey
from tests.connector.companies import agreed, started
from tests.connector.conftest import copied
from tests.each import each


def call(*words, code=0):
    result = CliRunner().invoke(connector, [str(word) for word in words])
    assert result.exit_code == code, (words, result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def exchanged(joined, tmp_path_factory):
    """Two companies after a negotiation, a transfer and a hand-over, with the key of each log and a kept checkpoint."""
    folder = tmp_path_factory.mktemp("exchanged")
    space = copied(joined, folder)
    cells, packs = space.members["cells"], space.members["packs"]
    agreement = agreed(space, packs, cells)
    packs.node.consumer.pull(started(space, packs, agreement), at=space.network.now)
    keys, documents = {}, {}
    for company in (cells, packs):
        keys[company.name] = json.loads(call("log", "key", "--project", company.folder, "--json"))["vkey"]
        documents[company.name] = folder / f"{company.name}-did.json"
        documents[company.name].write_text(json.dumps(company.node.document))
        call("log", "checkpoint", "-o", folder / f"{company.name}.txt", "--project", company.folder)
    return SimpleNamespace(folder=folder, agreement=agreement["@id"], keys=keys, documents=documents,
                           cells=cells, packs=packs)  # fmt: skip


@pytest.fixture
def shop(exchanged, tmp_path):
    """A copy of the pack maker's project, and its tables without their triggers."""
    exchanged.packs.node.state.close()
    shutil.copytree(exchanged.packs.folder, tmp_path / "packs")

    def tamper(*statements):
        with sqlite3.connect(tmp_path / "packs" / "connector.db") as connection:
            for table in ("exchange_log", "log_entries", "log_checkpoints"):
                for verb in ("update", "delete"):
                    connection.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            for statement in statements:
                connection.execute(statement)

    return SimpleNamespace(folder=tmp_path / "packs", tamper=tamper)


# --- the log --------------------------------------------------------------------------------------------------------


def test_each_side_has_a_log_with_a_key_of_its_own(exchanged):
    assert exchanged.keys["cells"].split("+")[0] == "cells.example/log/exchange"
    assert exchanged.keys["cells"] != exchanged.keys["packs"]
    assert (exchanged.cells.folder / "keys" / "exchange-log.pem").stat().st_mode & 0o777 == 0o600
    kept = (exchanged.folder / "packs.txt").read_text()
    assert kept.startswith("packs.example/log/exchange\n")
    # A second run without new lines signs nothing.
    assert call("log", "checkpoint", "--project", exchanged.packs.folder) == kept


def test_a_sound_log_verifies_also_against_a_checkpoint_that_was_kept(exchanged):
    words = ("log", "verify", "--checkpoint", exchanged.folder / "packs.txt", "--project", exchanged.packs.folder)
    result = json.loads(call(*words, "--json"))
    assert (result["sound"], result["faults"]) == (True, [])
    assert result["size"] == result["documents"] == 7


@pytest.mark.parametrize(
    ("statement", "kind", "index"),
    [
        ("UPDATE exchange_log SET peer = 'did:web:other.example' WHERE entry = 2", "altered", 2),
        ("UPDATE exchange_log SET outcome = 'refused' WHERE entry = 0", "altered", 0),
        ("UPDATE exchange_log SET agreement = '' WHERE entry = 5", "altered", 5),
        ("UPDATE exchange_log SET body = CAST('{}' AS BLOB) WHERE entry = 3", "altered", 3),
        ("DELETE FROM exchange_log WHERE entry = 4", "undocumented", 4),
        ("DELETE FROM log_entries WHERE position = 1", "deleted", 1),
        ("UPDATE log_entries SET position = position + 100 WHERE position > 4", "deleted", 5),
    ],
)
def test_what_was_altered_or_deleted_is_located(exchanged, shop, statement, kind, index):
    shop.tamper(statement)
    faults = json.loads(call("log", "verify", "--project", shop.folder, "--json", code=1))["faults"]
    assert (kind, index) in {(fault["kind"], fault["index"]) for fault in faults}
    assert (
        f" {index} " in call("log", "verify", "--project", shop.folder, code=1).replace(",", " ") or kind == "altered"
    )


def test_a_log_that_was_cut_off_with_its_checkpoints_is_found_by_the_kept_one(exchanged, shop):
    shop.tamper(
        "DELETE FROM exchange_log WHERE entry >= 6", "DELETE FROM log_entries WHERE position >= 6",
        "DELETE FROM log_checkpoints",
    )  # fmt: skip
    call("log", "verify", "--project", shop.folder)
    words = ("log", "verify", "--checkpoint", exchanged.folder / "packs.txt", "--project", shop.folder, "--json")
    (fault,) = json.loads(call(*words, code=1))["faults"]
    assert (fault["kind"], fault["index"]) == ("truncated", 6)


def test_a_log_that_was_cut_off_signs_no_checkpoint_any_more(shop):
    shop.tamper("DELETE FROM exchange_log WHERE entry >= 6", "DELETE FROM log_entries WHERE position >= 6")
    call("log", "checkpoint", "--project", shop.folder, code=1)


# --- evidence -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def evidence(exchanged):
    """What the pack maker shows of the agreement."""
    path = exchanged.folder / "evidence.json"
    call("log", "prove", exchanged.agreement, "-o", path, "--project", exchanged.packs.folder)
    return path


def checked(exchanged, document, *, log_of="packs", known=("cells", "packs")):
    documents = [json.loads(exchanged.documents[name].read_bytes()) for name in known]
    resolver = DidResolver({each["id"]: each for each in documents})
    return check(ExchangeEvidence.from_json(document), NoteKey.parse(exchanged.keys[log_of]), resolver)


def failed(checks):
    return {(each.step, each.index) for each in checks if each.outcome is EvidenceOutcome.FAILED}


def test_evidence_shows_offline_what_was_agreed_and_sent_and_who_signed_it(exchanged, evidence):
    options = [word for path in exchanged.documents.values() for word in ("--did-document", path)]
    text = call("log", "check", evidence, "--log-key", exchanged.keys["packs"], *options)
    assert "ContractAgreementMessage" in text
    assert "signed by did:web:cells.example" in text
    result = json.loads(call("log", "check", evidence, "--log-key", exchanged.keys["packs"], *options, "--json"))
    assert result["verified"] is True
    assert {each["step"] for each in result["checks"]} == {1, 2, 3, 4}
    assert result["agreement"]["@id"] == exchanged.agreement


def test_both_sides_prove_the_same_agreement(exchanged, evidence):
    other = json.loads(call("log", "prove", exchanged.agreement, "--project", exchanged.cells.folder))
    assert other["agreement"] == json.loads(evidence.read_bytes())["agreement"]
    assert failed(checked(exchanged, other, log_of="cells")) == set()
    # The evidence of one side is none of the other's log.
    assert failed(checked(exchanged, other, log_of="packs")) >= {(1, 0)}


def test_evidence_without_data_holds_none(exchanged, evidence):
    assert [line for line in json.loads(evidence.read_bytes())["lines"] if line["direction"] == "data"]
    words = ("log", "prove", exchanged.agreement, "--without-data", "--project", exchanged.packs.folder)
    assert not [line for line in json.loads(call(*words))["lines"] if line["direction"] == "data"]


def test_without_the_did_document_of_a_sender_its_signatures_stay_open(exchanged, evidence):
    call("log", "check", evidence, "--log-key", exchanged.keys["packs"], code=3)
    outcomes = checked(exchanged, json.loads(evidence.read_bytes()), known=("packs",))
    assert {each.step for each in outcomes if each.outcome is EvidenceOutcome.UNDETERMINED} == {4}
    assert failed(outcomes) == set()


def _of(document, direction, name):
    return next(line for line in document["lines"] if line["direction"] == direction and line["name"].startswith(name))


@each(
    ("change", "step"),
    [
        (lambda document, line: line.update(outcome="refused 400"), 1),
        (lambda document, line: line.update(at="2027-03-08T09:31:00+00:00"), 1),
        (lambda document, line: line.update(salt="AAAA"), 1),
        (lambda document, line: line.update(receipt=_of(document, "out", "Contract")["receipt"]), 1),
        (lambda document, line: line.update(message=line["message"].replace("P30D", "P90D")), 2),
        (lambda document, line: document["agreement"].update(assignee="did:web:stranger.example"), 3),
        (lambda document, line: line.update(token=_of(document, "in", "ContractNegotiationEvent")["token"]), 4),
        (lambda document, line: line.update(token=_of(document, "out", "ContractRequest")["token"]), 4),
        (lambda document, line: line.update(token="a.b.c"), 4),
    ],
)
def test_evidence_that_was_altered_is_refused_where_it_was_altered(exchanged, evidence, change, step):
    document = json.loads(evidence.read_bytes())
    line = _of(document, "in", "ContractAgreementMessage")
    change(document, line)
    faults = failed(checked(exchanged, document))
    assert step in {number for number, _ in faults}


def test_data_that_the_provider_did_not_sign_is_no_evidence(exchanged, evidence):
    document = json.loads(evidence.read_bytes())
    line = _of(document, "data", "record-part")
    head, payload, signature = line["token"].split(".")
    line["token"] = f"{head}.{payload[:-4]}AAAA.{signature}"
    lines = ExchangeEvidence.from_json(document).lines
    (index,) = {each.receipt.index for each in lines if each.record.direction == "data"}
    assert failed(checked(exchanged, document)) == {(1, index), (4, index)}


@each(
    "document",
    [
        [], {"type": "Other"}, {"type": "ExchangeEvidence", "company": "did:web:x", "agreement": None, "lines": []},
        {"type": "ExchangeEvidence", "company": 1, "agreement": None, "lines": [{}]},
        {"type": "ExchangeEvidence", "company": "did:web:x", "agreement": None, "lines": [{"at": "x"}]},
    ],
)  # fmt: skip
def test_what_is_no_evidence_is_refused(document):
    with pytest.raises(MalformedLogData):
        ExchangeEvidence.from_json(document)


def test_an_agreement_that_is_not_there_is_not_proved(exchanged):
    call("log", "prove", "urn:uuid:none", "--project", exchanged.packs.folder, code=2)
