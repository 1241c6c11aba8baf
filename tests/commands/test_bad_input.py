"""What is handed in wrong gets one clear error, the right exit code, and nothing half-written."""

from __future__ import annotations

import json
import sqlite3

import pytest

from passport.publishing.sign import base_credential
from passport.store import Store
from passport.vocabulary import vocabulary


def nothing_was_written(shop) -> bool:
    database = shop / "passports.db"
    if not database.exists():
        return True
    with sqlite3.connect(database) as connection:
        return all(
            connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
            for table in ("credentials", "base_proofs", "packs", "status_entries", "status_lists")
        )


def column_of(sheet, indicator: str) -> int:
    words = vocabulary.load().indicators.get(indicator.split(".")[0])
    names = {indicator.casefold(), *(label.casefold() for label in (words.label.values() if words else ()))}
    return next(cell.column for cell in sheet[1] if str(cell.value).strip().casefold() in names)


def cell(sheet_name: str, indicator: str, value, row: int = 3):
    """An edit that puts ``value`` into the column of ``indicator``."""

    def edit(book):
        sheet = book[sheet_name]
        sheet.cell(row, column_of(sheet, indicator)).value = value

    return edit


FAULTY_CELLS = [
    ("models", "ratedCapacity", "17,0", "17,0"),
    ("models", "nominalVoltage", "约350", "约350"),
    ("models", "batteryMass", "n/a", "n/a"),
    ("models", "euDeclarationOfConformity", "n/a", "n/a"),
    ("packs", "manufacturingDate", "22.1.2026", "22.1.2026"),
]


@pytest.mark.parametrize(("sheet", "indicator", "value", "found"), FAULTY_CELLS)
def test_a_wrong_cell_is_named_with_sheet_row_and_column_and_nothing_is_issued(
    shell, shop, sheet, indicator, value, found
):
    path = shell.workbook("lmt-ebike.xlsx", cell(sheet, indicator, value))
    for words in (("validate", path), ("issue", path, "--project", shop)):
        result = shell.run(*words, code=1)
        assert sheet in result.stdout and "row 3" in result.stdout and found in result.stdout
    assert nothing_was_written(shop)


def test_all_faults_are_reported_at_once(shell):
    def edit(book):
        for sheet, indicator, value, _ in FAULTY_CELLS:
            cell(sheet, indicator, value)(book)

    document = shell.json("validate", shell.workbook("lmt-ebike.xlsx", edit), code=1)
    named = {fault.get("indicator") for fault in document["faults"]}
    assert {indicator for _, indicator, _, _ in FAULTY_CELLS} <= named


def test_an_unknown_column_is_refused_with_the_nearest_name(shell, shop):
    def edit(book):
        sheet = book["models"]
        sheet.cell(1, column_of(sheet, "nominalVoltage")).value = "标称电压(V)"

    result = shell.run("issue", shell.workbook("lmt-ebike.xlsx", edit), "--project", shop, code=None)
    assert result.exit_code in (1, 2)
    assert "标称电压(V)" in result.output and "nominalVoltage" in result.output
    assert nothing_was_written(shop)


def test_a_malformed_code_is_refused_with_its_position(shell):
    path = shell.workbook("ev-ncm-100kwh.xlsx", cell("packs", "packTractionBatteryCode", "ZZZPE10A7K2M05G2Y0000317"))
    result = shell.run("validate", path, code=1)
    assert "30 February 2026" in result.stdout


def test_a_duplicate_pack_is_refused_and_names_the_other_row(shell, shop):
    def edit(book):
        sheet = book["packs"]
        for column in range(1, sheet.max_column + 1):
            sheet.cell(4, column).value = sheet.cell(3, column).value

    result = shell.run("issue", shell.workbook("lmt-ebike.xlsx", edit), "--project", shop, code=1)
    assert "row 4" in result.stdout and "3" in result.stdout
    assert nothing_was_written(shop)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"%PDF-1.7", b"{"])
@pytest.mark.parametrize("name", ["packs.xlsx", "packs.json", "packs.txt"])
def test_a_file_that_is_no_workbook_and_no_json_is_refused(shell, content, name):
    path = shell.folder / name
    path.write_bytes(content)
    result = shell.run("validate", path, code=None)
    assert result.exit_code in (1, 2)
    assert "error:" in result.stderr


def test_a_missing_file_is_refused(shell):
    result = shell.run("validate", "nowhere.xlsx", code=2)
    assert "nowhere.xlsx" in result.stderr


def test_a_command_outside_a_project_says_how_to_make_one(shell):
    result = shell.run("show", "ZZZPE10A7K2M05G6J0000317", code=2)
    assert "passport init" in result.stderr


def test_an_unknown_pack_is_refused(shell, shop, issued):
    result = shell.run("show", "NO-SUCH-SERIAL", "--project", shop, code=2)
    assert "NO-SUCH-SERIAL" in result.stderr


def test_a_mistyped_code_is_told_apart_from_an_unknown_one(shell, shop, issued):
    result = shell.run("show", "ZZZPE10A7K2M0506J0000317", "--project", shop, code=1)
    assert "position 15" in result.stderr


# --- verification ---------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(shell, shop, issued):
    path = shell.folder / "view.jsonld"
    shell.run("show", issued, "--project", shop, "--as", "legitimate-interest", "--save", path)
    return path


def rewritten(path, change):
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def of_type(document, type_):
    return next(item for item in document["verifiableCredential"] if type_ in item["type"])


def trust(shop):
    return ("--trust", shop / "trusted-issuers.json")


def test_a_saved_passport_verifies_offline(shell, shop, saved):
    result = shell.run("verify", saved, "--offline", *trust(shop))
    assert result.stdout.startswith("Verified.")
    assert shell.json("verify", saved, "--offline", *trust(shop))["verified"] is True


def test_verification_without_a_trust_list_is_refused(shell, saved):
    result = shell.run("verify", saved, "--offline", code=2)
    assert "no trust list" in result.stderr


def test_a_tampered_file_is_not_verified(shell, shop, saved):
    def change(document):
        of_type(document, "BatteryPassportCredential")["credentialSubject"]["manufacturingDate"] = "2026-01-23"

    result = shell.run("verify", rewritten(saved, change), "--offline", *trust(shop), code=1)
    assert result.stdout.startswith("Do not rely on this file.")


def test_an_unknown_issuer_is_not_accepted(shell, shop, saved):
    shell.run("init", shell.folder / "other", "--base-url", "https://other.example")
    result = shell.run("verify", saved, "--offline", "--trust", shell.folder / "other/trusted-issuers.json", code=1)
    assert "trust" in result.output


def test_a_revoked_passport_is_not_verified(shell, shop, issued, saved):
    shell.run("revoke", issued, "--reason", "wrong chemistry", "--project", shop)
    shell.run("show", issued, "--project", shop, "--save", saved, "--force")
    result = shell.run("verify", saved, "--offline", *trust(shop), code=1)
    assert "withdrawn" in result.stdout or "revoked" in result.stdout


def test_an_unknown_context_is_refused_and_never_fetched(shell, shop, saved):
    def change(document):
        of_type(document, "BatteryPassportCredential")["@context"].append("https://example.org/contexts/v7")

    result = shell.run("verify", rewritten(saved, change), "--offline", *trust(shop), code=3)
    assert "https://example.org/contexts/v7" in result.output


def test_a_base_proof_handed_in_for_verification_is_refused(shell, shop, issued):
    store = Store.open(f"sqlite:///{shop / 'passports.db'}")
    condition = store.current(issued, "BatteryConditionCredential")
    path = shell.folder / "base.jsonld"
    path.write_text(json.dumps(base_credential(condition.document, store.base_proof(condition.id))), encoding="utf-8")
    result = shell.run("verify", path, "--offline", *trust(shop), code=1)
    assert "base proof" in result.output


def test_a_file_without_status_lists_could_not_be_fully_checked(shell, shop, saved):
    def change(document):
        document["verifiableCredential"] = [
            item for item in document["verifiableCredential"] if "BitstringStatusListCredential" not in item["type"]
        ]

    result = shell.run("verify", rewritten(saved, change), "--offline", *trust(shop), code=3)
    assert result.stdout.startswith("Not fully checked.")


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b'{"a":1,"a":2}', b"\xff\xfe", b"[" * 100_000])
def test_junk_is_refused_without_a_traceback(shell, shop, content):
    path = shell.folder / "junk.jsonld"
    path.write_bytes(content)
    result = shell.run("verify", path, "--offline", *trust(shop), code=None)
    assert result.exit_code in (1, 2)
    assert result.output


@pytest.mark.parametrize(
    ("language", "name", "more"),
    [("en", "Legitimate interest", "cn-regulator"), ("zh", "合法权益人", "cn-regulator")],
)
def test_show_calls_an_audience_by_its_name_and_gives_the_code_to_type(shell, shop, issued, language, name, more):
    result = shell.run("--lang", language, "show", issued, "--project", shop, "--as", "legitimate-interest")
    first = result.stdout.split("\n")[0].lower()
    assert name.lower() in first and "legitimate-interest" not in first
    assert f"[{more}]" in result.stdout
