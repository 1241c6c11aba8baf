"""``passport footprint``: what it prints, and with which exit code it leaves."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
INVENTORY = EXAMPLES / "footprint-ev-ncm.xlsx"


def test_calc_prints_the_figure_with_its_method(shell):
    out = shell.run("footprint", "calc", INVENTORY).stdout
    assert out.startswith("LH-NCM100-192S  0.154 kg CO2e per kWh over the service life\nChina, draft standard")
    assert "48,000 kWh" in out and "14.3 %" in out and "moved to NCM cathode material" in out


def test_calc_gives_one_json_document(shell):
    document = shell.json("footprint", "calc", INVENTORY)
    assert (document["total"], document["perFunctionalUnit"]) == ("7392", "0.154")


@pytest.mark.parametrize("suffix", [".html", ".json", ".xlsx"])
def test_report_takes_the_form_from_the_name(shell, suffix):
    shell.run("footprint", "report", INVENTORY, "-o", f"report{suffix}", "--lang", "zh")
    assert (shell.folder / f"report{suffix}").stat().st_size > 5000


def test_template_is_written_once_and_never_over_what_is_there(shell):
    shell.run("footprint", "template", "-o", "inventory.xlsx")
    result = shell.run("footprint", "template", "-o", "inventory.xlsx", code=2)
    assert "exists already" in result.stderr
    assert "usableEnergy" in shell.run("footprint", "calc", "inventory.xlsx", code=1).stdout


def test_a_fault_is_told_with_its_cell_and_leaves_with_1(shell):
    book = openpyxl.load_workbook(INVENTORY)
    book["materials"]["C4"] = -1
    book.save(shell.folder / "bad.xlsx")
    out = shell.run("footprint", "calc", "bad.xlsx", code=1).stdout
    assert "materials  row 4  C4  mass\n    mass is negative\n    expected 0 or more\n    found -1" in out
    document = shell.json("footprint", "calc", "bad.xlsx", code=1)
    assert document["error"]["faults"][0]["code"] == "negative-mass"


@pytest.mark.parametrize(
    "words",
    [
        ("calc", "absent.xlsx"),
        ("calc", "inventory.csv"),
        ("report", INVENTORY, "-o", "report.pdf"),
        ("template", "-o", "inventory.csv"),
        ("declare", INVENTORY, "--packs", EXAMPLES / "lmt-ebike.xlsx", "-o", "d"),
        ("check", "absent.jsonld", "--trust", "absent.json"),
    ],
)
def test_a_call_that_cannot_be_served_leaves_with_2(shell, shop, words):
    more = ("--project", shop) if words[0] == "declare" else ()
    assert "error:" in shell.run("footprint", *words, *more, code=2).stderr


def test_an_inventory_by_an_unknown_method_leaves_with_2(shell):
    book = openpyxl.load_workbook(INVENTORY)
    book["inventory"]["B3"] = "eu-pef-2024"
    book.save(shell.folder / "pef.xlsx")
    result = shell.run("footprint", "calc", "pef.xlsx", code=2)
    assert "no such footprint method" in result.stderr


def test_from_inventory_to_a_passport_whose_figures_are_checked(shell, shop):
    packs = EXAMPLES / "ev-ncm-100kwh.xlsx"
    said = shell.json(
        "footprint",
        "declare",
        INVENTORY,
        "--packs",
        packs,
        "--fill",
        "filled.xlsx",
        "--project",
        shop,
        "-o",
        "declared.jsonld",
    )
    assert said["indicators"]["chinaCarbonFootprint"] == "0.154"
    shell.run("key", "generate", "verifier.pem")
    shell.run(
        "footprint",
        "countersign",
        "declared.jsonld",
        "--key",
        "verifier.pem",
        "--inventory",
        INVENTORY,
        "-o",
        "verified.jsonld",
    )
    verifier = json.loads((shell.folder / "verified.jsonld").read_text())["verifiableCredential"][1]["issuer"]
    trust_path = shop / "trusted-issuers.json"
    trust = json.loads(trust_path.read_text())
    trust["issuers"].append(
        {"id": verifier, "name": {"en": "Verifier"}, "trustedFor": ["BatteryAttestationCredential"]}
    )
    trust_path.write_text(json.dumps(trust))
    issued = shell.json("issue", "filled.xlsx", "--project", shop)
    pack = next(entry["id"] for entry in issued["entries"] if entry["kind"] == "pack")
    shell.run("show", pack, "--project", shop, "--save", "view.jsonld")
    out = shell.run("footprint", "check", "verified.jsonld", "view.jsonld", "--trust", trust_path).stdout
    assert out.startswith("The declaration holds.") and "5 figures, to the last digit" in out
    shell.run("footprint", "publish", "verified.jsonld", "--project", shop)
    shell.run("footprint", "check", "declared.jsonld", "--trust", trust_path, code=1)


@pytest.mark.parametrize("name", ["template", "calc", "report", "declare", "countersign", "check", "publish"])
def test_every_command_has_help_with_an_example(shell, name):
    assert f"passport footprint {name}" in shell.run("footprint", name, "--help").stdout
