"""What has become of a passport is the first thing that the terminal says, in both languages and within 80 columns."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.commands.terminal import console
from passport.project import Project
from passport.store import StoredCredential
from passport.vocabulary.credential_types import EVENT
from tests.packs import example_records

SECRET = "supplier ZX-81 lied to us"


def show(shell, shop, pack: str, *options: str) -> list[str]:
    lines = shell.run("show", pack, "--project", shop, *options).stdout.splitlines()
    rule = lines[0][0] * len(lines[0]) if lines[0] else ""
    end = lines.index(rule, 1) if rule and rule in lines[1:] else 0
    return lines[: end + 1]


def revoke(shell, shop, pack: str, *options: str, code: int = 0):
    return shell.run("revoke", pack, "--reason", SECRET, *options, "--project", shop, code=code)


def another(shell, shop) -> str:
    document = shell.json("issue", shell.workbook("stationary-lfp.xlsx"), "--project", shop)
    return next(entry["id"] for entry in document["entries"] if entry["kind"] == "pack")


def test_a_valid_passport_begins_with_its_name(shell, shop, issued):
    assert show(shell, shop, issued)[0].startswith("RS-IT612")


def test_a_withdrawn_passport_begins_with_its_withdrawal(shell, shop, issued):
    instead = another(shell, shop)
    revoke(shell, shop, issued, "--public-reason", "wrong date of manufacture", "--replaced-by", instead)
    lines = show(shell, shop, issued)
    assert set(lines[0]) == {"━"} and lines[1] == "✗ Withdrawn. Do not rely on it."
    said = " ".join(lines)
    assert ": wrong date of manufacture." in said and SECRET not in said
    assert "→ Open the passport that replaces it, signed on" in said and f"  {instead}" in lines
    chinese = show(shell, shop, issued, "--lang", "zh")
    assert chinese[1] == "✗ 已撤销，请勿采信"
    for line in (*lines, *chinese):
        assert console.width(line) <= 80


def test_a_reason_that_was_not_published_is_not_shown(shell, shop, issued):
    revoke(shell, shop, issued)
    assert "No reason was published." in " ".join(show(shell, shop, issued))
    assert "未公布原因" in " ".join(show(shell, shop, issued, "--lang", "zh"))
    assert SECRET not in shell.run("show", issued, "--all", "--project", shop).stdout


def test_a_suspended_passport_has_a_dashed_edge(shell, shop, issued):
    revoke(shell, shop, issued, "--suspend", "--public-reason", "the mass is being weighed again")
    lines = show(shell, shop, issued)
    assert set(lines[0]) == {"╌"} and lines[1].startswith("! Suspended since ")
    assert "No end is set." in " ".join(lines) and "weighed again" in " ".join(lines)
    assert show(shell, shop, issued, "--lang", "zh")[1].startswith("! 已暂停")
    revoke(shell, shop, issued, "--lift")
    assert show(shell, shop, issued)[0].startswith("RS-IT612")


def test_an_ended_passport_says_so(shell, shop, issued):
    type_ = ["VerifiableCredential", EVENT]
    document = {"id": "urn:end", "type": type_, "credentialSubject": {"id": issued, "lifecycleEvent": "recycle"}}
    store = Project.open(shop).open_store()
    with store.transaction() as transaction:
        body = json.dumps(document).encode()
        transaction.add_credential(StoredCredential("urn:end", EVENT, issued, body, "x", console.now()))
    store.close()
    lines = show(shell, shop, issued)
    assert set(lines[0]) == {"■"} and lines[1] == "■ Ended: this battery no longer exists"
    assert show(shell, shop, issued, "--lang", "zh")[1] == "■ 已终止：该电池已不复存在"


def test_an_older_read_out_has_a_double_edge_and_both_values(shell, shop, issued):
    record = example_records("lmt-ebike.xlsx")[0]
    between = console.now().isoformat()
    newer = {**record.condition, "recordedAt": "2026-11-20T08:00:00Z", "capacityFade": "4.4"}
    newer["remainingCapacity"] = "16.25"
    _issue(shop, replace(record, condition=newer))
    lines = show(shell, shop, issued, "--as", "legitimate-interest", "--at", between)
    assert set(lines[0]) == {"═"} and lines[1] == "↺ An older read-out"
    assert "16.6\u202fAh then, 16.25\u202fAh now." in " ".join(lines)
    shell.run("show", issued, "--project", shop, "--at", "2020-01-01T00:00:00Z", code=2)
    shell.run("show", issued, "--project", shop, "--at", "yesterday", code=2)


def _issue(shop, record) -> None:
    from passport.publishing.publisher import Publisher
    from passport.vocabulary.vocabulary import due_on

    project = Project.open(shop)
    # Instants are stored in whole seconds: this one comes after the first for certain.
    at = console.now() + timedelta(seconds=5)
    Publisher.of_project(project, project.open_store(), None).issue([record], at=at, on=due_on(at.date()))


def test_the_data_of_a_model_alone_say_so(shell, shop, issued):
    model = issued.rpartition("/")[0]
    assert show(shell, shop, model)[1] == "□ Model only, not one battery"
    assert show(shell, shop, model, "--lang", "zh")[1] == "□ 仅型号数据"


def test_json_is_the_presentation_and_no_band(shell, shop, issued):
    revoke(shell, shop, issued)
    assert "VerifiablePresentation" in shell.json("show", issued, "--project", shop)["type"]


# --- what may be published ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason", ["", "   ", "x" * 201, "two\nlines", "\u202eesrever", "bell\a", "zero\u200bwidth", "line\u2028end"]
)
def test_a_reason_that_could_mislead_a_reader_is_not_published(shell, shop, issued, reason):
    result = revoke(shell, shop, issued, "--public-reason", reason, code=2)
    assert "cannot be published" in result.stderr
    assert show(shell, shop, issued)[0].startswith("RS-IT612"), "nothing was changed"


def test_a_replacement_that_is_not_there_is_refused(shell, shop, issued):
    revoke(shell, shop, issued, "--replaced-by", "NO-SUCH-SERIAL", code=2)
    assert "replace itself" in revoke(shell, shop, issued, "--replaced-by", issued, code=2).stderr
    model = issued.rpartition("/")[0]
    assert "could replace it" in revoke(shell, shop, issued, "--replaced-by", model, code=2).stderr
    revoke(shell, shop, issued, "--suspend", "--replaced-by", issued, code=2)
    assert show(shell, shop, issued)[0].startswith("RS-IT612"), "nothing was changed"
