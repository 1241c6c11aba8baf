"""``passport attest`` and ``passport certify``: from a saved passport to a certificate."""

from __future__ import annotations

import json

import pytest

from passport.commands.keeping.init import make_project
from passport.project import Project

KINDS = ["BatteryPassportCredential", "BatteryModelCredential", "BatteryBatchCredential"]


@pytest.fixture
def both(shell, shop, issued):
    """A laboratory beside the shop; both trust both."""
    lab = make_project(shell.folder / "lab", "https://lab.example", names={"en": "Lab"})
    entries = [
        {"id": Project.open(shop).issuer, "name": {"en": "Shop"}, "trustedFor": KINDS},
        {"id": lab.issuer, "name": {"en": "Lab", "zh": "实验室"}, "trustedFor": ["BatteryAttestationCredential"]},
    ]
    for folder in (shop, lab.folder):
        (folder / "trusted-issuers.json").write_text(json.dumps({"issuers": entries}))
    (shell.folder / "report.pdf").write_bytes(b"%PDF-1.7 a report")
    shell.run("attest", "save", issued, "-o", "passport.jsonld", "--project", "shop")
    return issued


NEW = (
    "attest", "new", "passport.jsonld", "--scheme", "cn-battery-id", "--level", "sampleTest", "--method", "GB/T 31486",
    "--report", "report.pdf", "--report-url", "https://lab.example/r/1.pdf", "--project", "lab",
)  # fmt: skip
CHECK = ("certify", "check", "attested.jsonld", "--scheme", "cn-battery-id", "--project", "shop")


def test_from_a_saved_passport_to_a_certificate_and_its_withdrawal(shell, both):
    said = shell.run(*NEW, "-o", "a.jsonld").stdout
    assert "ratedCapacity" in said
    (taken,) = shell.json("attest", "take", "a.jsonld", "--project", "shop")["attestations"]
    assert taken["new"] and taken["reason"] is None
    shell.run("attest", "save", both, "-o", "attested.jsonld", "--project", "shop")
    verified = shell.run("verify", "attested.jsonld", "--offline", "--trust", "shop/trusted-issuers.json").stdout
    assert "Attested ratedCapacity: attested, Lab, until" in " ".join(verified.split())
    document = shell.json(*CHECK)
    assert document["met"] and document["verified"] and len(document["attested"]) == 5
    assert "实验室" in shell.run(*CHECK, "--lang", "zh").stdout
    assert shell.json("certify", "check", "passport.jsonld", *CHECK[3:], code=1)["met"] is False
    (dcc,) = json.loads(
        shell.run("attest", "untp", "a.jsonld", "--issuer-name", "Lab", "--holder", "did:web:m.example",
                  "--holder-name", "M").stdout
    )  # fmt: skip
    assert dcc["type"][0] == "DigitalConformityCredential"
    shell.run("attest", "revoke", taken["id"], "--reason", "error", "--project", "lab")
    assert shell.json("attest", "revoke", taken["id"], "--reason", "error", "--project", "lab")["outcome"] == "same"


def test_what_cannot_be_attested_is_refused(shell, both):
    forged = json.loads((shell.folder / "passport.jsonld").read_text())
    forged["verifiableCredential"][0]["credentialSubject"]["batteryMass"] = "1"
    (shell.folder / "forged.jsonld").write_text(json.dumps(forged))
    assert "nothing of it is attested" in shell.run("attest", "new", "forged.jsonld", *NEW[3:], code=1).stderr
    assert "unknown certification scheme" in shell.run(*NEW[:4], "no-scheme", *NEW[5:], code=2).stderr
    assert "no rule for gtin" in shell.run(*NEW, "--indicator", "gtin", code=2).stderr
    none = ("attest", "take", "passport.jsonld", "--project", "shop")
    assert "no attestation in the file" in shell.run(*none, code=1).stderr
    codes = {each["code"] for each in shell.json("certify", "schemes")["schemes"]}
    assert codes >= {"cn-battery-id", "carbon-footprint"} and "cn-battery-id" in shell.run("certify", "schemes").stdout
