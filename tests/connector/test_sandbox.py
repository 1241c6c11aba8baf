"""The sandbox: a node in China and its released copy abroad, what left, and why the rest stayed."""

from __future__ import annotations

import sqlite3
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import pytest

from passport.battery.privacy.release_policy import check_log
from passport.commands.keeping.init import make_project
from passport.commands.terminal import language
from passport.commands.terminal.text import width
from passport.credentials.verifier import Verifier
from passport.exchange.records import record_files
from passport.linked_data import resources
from passport.publishing.publisher import Publisher
from passport.texts import Message
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience, due_on
from resolver.commands.sandbox import Sandbox
from tests.conftest import free_port
from tests.each import each

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
READERS = (Audience.PUBLIC, Audience.LEGITIMATE_INTEREST, Audience.CN_REGULATOR)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory):
    """The example of an electric car's pack, at home and abroad."""
    folder = tmp_path_factory.mktemp("sandbox") / "demo"
    home = make_project(folder, "http://127.0.0.1:8080", names={"en": "Maker", "zh": None})
    store = home.open_store()
    records = record_files.read(resources.path("examples/ev-ncm-100kwh.xlsx"))[0]
    report = Publisher.of_project(home, store, None).issue(records, at=NOW, on=due_on(NOW.date()))
    store.close()
    return Sandbox.make(home, report.of_kind("pack")[0].subject, READERS, at=NOW)


def test_each_credential_left_as_a_whole_in_part_or_not_at_all(sandbox):
    document = sandbox.document(8081)
    outcomes = {entry["type"]: entry["outcome"] for entry in document["credentials"]}
    assert outcomes == {
        "BatteryModelCredential": "whole", "BatteryModelDetailCredential": "part", "BatteryBatchCredential": "whole",
        "BatteryPassportCredential": "whole", "BatteryConditionCredential": "part", "BatteryEventCredential": "nothing",
    }  # fmt: skip
    detail = next(entry for entry in document["credentials"] if entry["type"] == "BatteryModelDetailCredential")
    assert set(detail["released"]) == {"removalManual", "disassemblyManual", "safetyMeasures"}
    # Each indicator that stayed has its reason, by its own class and the policy.
    reasons = {each["indicator"]: each for entry in document["credentials"] for each in entry["stayed"]}
    assert reasons["cathodeActiveMaterial"]["exportClass"] == "restricted"
    assert reasons["cathodeActiveMaterial"]["reason"] == "the policy names neither it nor its class"
    assert reasons["cellTractionBatteryCodes"]["exportClass"] == "withheld"
    assert reasons["cellTractionBatteryCodes"]["reason"] == "no class releases it, and the policy does not name it"
    left = {name for entry in document["credentials"] for name in entry["released"]}
    assert not left & reasons.keys()


def test_what_stayed_is_nowhere_in_the_copy_and_what_left_still_verifies(sandbox):
    with sqlite3.connect(sandbox.abroad.folder / "passports.db") as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        values = [value for table in tables for row in database.execute(f"SELECT * FROM {table}") for value in row]
    text = "\n".join(value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values)
    entries = sandbox.document(8081)["credentials"]
    assert not [each["indicator"] for entry in entries for each in entry["stayed"] if f'"{each["indicator"]}"' in text]
    verifier = Verifier(sandbox.abroad.trust_list())
    store = sandbox.abroad.open_store()
    for type_ in ("BatteryModelDetailCredential", "BatteryConditionCredential", "BatteryPassportCredential"):
        (entry,) = [entry for entry in sandbox.considered if entry.stored.type == type_]
        result = verifier.verify(store.current(entry.stored.subject, type_).document, at=NOW)
        assert result.credentials[0].checks[1].passed
    store.close()


def test_a_reader_gets_the_same_of_public_data_and_less_of_the_rest(sandbox):
    home, abroad = sandbox.counts[Audience.PUBLIC]
    assert home == abroad > 50
    for reader in (Audience.LEGITIMATE_INTEREST, Audience.CN_REGULATOR):
        home, abroad = sandbox.counts[reader]
        assert home > abroad > 50


def test_the_log_names_what_left_and_a_second_run_goes_on_with_it(sandbox):
    log = sandbox.home.folder / "releases.jsonl"
    before = log.read_bytes().splitlines(keepends=True)
    assert len(before) == 5
    again = Sandbox.make(sandbox.home, sandbox.pack, READERS, at=NOW)
    after = log.read_bytes().splitlines(keepends=True)
    assert after[: len(before)] == before
    assert len(after) == 2 * len(before)
    check_log(iter(after))
    assert again.counts == sandbox.counts


@each("name", ["vehicleIdentificationNumber", "licensePlateNumber"])
def test_personal_data_has_its_own_reason(sandbox, name):
    indicator = vocabulary.load().indicators[name]
    assert sandbox.policy.withholding(indicator) == "personal data, which no policy can release"


@each(
    ("speaking", "whole", "stayed"),
    [("en", "left as a whole: 54 of 54 indicators", "stayed: 0 of 7 indicators"),
     ("zh", "54", "7")],
)  # fmt: skip
def test_it_is_told_in_both_languages(sandbox, capsys, speaking, whole, stayed):
    with language.speaking(speaking):
        sandbox.show(8081, [(Message("as the public"), Audience.PUBLIC)])
    text = capsys.readouterr().out
    assert whole in text and stayed in text
    assert vocabulary.load().indicators["cathodeActiveMaterial"].label[speaking] in text
    assert "94 / 94" in text
    assert [line for line in text.splitlines() if width(line) > 80] == []


def test_the_copy_answers_under_a_server_of_its_own(sandbox):
    port = free_port()
    address = sandbox.address(port)
    assert address == sandbox.address().replace("8080", str(port))
    with sandbox.served_abroad("127.0.0.1", port):
        request = urllib.request.Request(address, headers={"Accept": "application/vp"})
        for _ in range(600):
            try:
                body = urllib.request.urlopen(request, timeout=60).read()
                break
            except urllib.error.HTTPError:
                raise
            except urllib.error.URLError:
                time.sleep(0.1)
    assert b"BatteryPassportCredential" in body
    assert b"cathodeActiveMaterial" not in body
