"""``passport connector``: what a person sees of offers, agreements and transfers."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from click.testing import CliRunner

from issuer.commands.connector import connector
from passport.commands.terminal import console, language
from passport.connector.connector_node import ConnectorNode
from passport.errors import PassportError
from passport.reports import exchange_page
from passport.reports.exchange_page import OfferLine
from tests.connector.conftest import PART


@pytest.fixture
def run(space, monkeypatch):
    """Runs a command for a company of the dataspace, over its network."""
    open_ = ConnectorNode.open.__func__
    space.network.eager = True

    def opened(cls, project, passphrase, *, client=None, loopback=False):
        return open_(cls, project, passphrase, client=space.network)

    monkeypatch.setattr(ConnectorNode, "open", classmethod(opened))
    monkeypatch.setattr(console, "now", lambda: space.network.now)

    def call(company, *words, code=0, speaking="en"):
        with language.speaking(speaking):
            arguments = [*map(str, words), "--project", str(space.members[company].folder)]
            result = CliRunner().invoke(language.localized(connector), arguments)
        if result.exception is not None and not isinstance(result.exception, SystemExit | PassportError):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout

    return call


def test_from_the_catalogue_to_the_data_and_what_is_left_in_the_lists(space, run, tmp_path):
    cells = space.members["cells"]
    found = json.loads(run("packs", "catalog", cells.did, "--json"))
    (dataset,) = [each["@id"] for each in found["dataset"]]
    assert "Role of the other company: manufacturer" in run("packs", "catalog", cells.did)
    agreement = json.loads(run("packs", "request", cells.did, dataset, "--json"))["agreement"]
    part, signed = tmp_path / "part.json", tmp_path / "signed.jws"
    run("packs", "pull", agreement, "-o", part, "--signed", signed)
    assert json.loads(part.read_bytes()) == PART
    assert signed.read_text().count(".") == 2
    assert "FINALIZED" in run("packs", "agreements")
    (transfer,) = json.loads(run("cells", "transfers", "--json"))["transfers"]
    assert (transfer["state"], transfer["hand_overs"], transfer["side"]) == ("COMPLETED", 1, "provider")
    logged = json.loads(run("packs", "log", "show", "--json"))
    assert logged["size"] == len(logged["lines"])
    assert "received" in run("packs", "log", "show")


def test_an_offer_is_made_listed_and_replaced(space, run):
    words = ("offer", "soh", "--kind", "read-outs", "--pack", "https://p.example/1", "--audience", "public")
    first = json.loads(run("packs", *words, "--days", "10", "--title", "SOH", "--json"))
    second = json.loads(run("packs", *words, "--days", "20", "--no-onward-transfer", "--json"))
    # Other terms are another offer of the same dataset.
    assert first["dataset"] == second["dataset"]
    assert first["offer"] != second["offer"]
    (offer,) = json.loads(run("packs", "offers", "--json"))["offers"]
    assert offer["prohibition"] == [{"action": "odrl:distribute"}]
    assert "read-outs" in run("packs", "offers")


def test_the_page_says_the_terms_of_an_offer_in_words():
    terms = (
        ("recipient", "recycler, utiliser"), ("purpose", "recycling"), ("elapsedTime", "P90D"), ("elapsedTime", "PT1H"),
        ("dateTime", "2027-02-18T00:00:00Z"), ("dateTime", "soon"), ("distribute", "—"), ("spatial", "CN"),
    )  # fmt: skip
    offer = OfferLine("dismantling", "passport", "urn:uuid:1", terms)
    text = exchange_page.page("did:web:cells.example", [offer], (), (), made=date(2026, 11, 30))
    said = re.findall(r"<dd>([^<]*)</dd>", text.partition("Offers")[2])
    assert said == [
        "Battery passports", "recycler, Comprehensive utiliser", "Recycling", "90 days", "PT1H", "18 February 2027",
        "soon", "agreed", "CN",
    ]  # fmt: skip


@pytest.mark.parametrize("speaking", ["en", "zh"])
def test_the_page_shows_offers_agreements_and_transfers(space, run, tmp_path, speaking):
    cells = space.members["cells"]
    found = json.loads(run("packs", "catalog", cells.did, "--json"))
    agreement = json.loads(run("packs", "request", cells.did, found["dataset"][0]["@id"], "--json"))["agreement"]
    run("packs", "pull", agreement)
    page = tmp_path / "exchange.html"
    run("cells", "page", "-o", page, speaking=speaking)
    text = page.read_text(encoding="utf-8")
    assert agreement in text
    assert {"en": "In force until", "zh": "有效期至"}[speaking] in text
    assert not re.search(r"https?://(?!cells|packs|w3id)", text)


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("request", "did:web:cells.example", "urn:uuid:none"), 2, "does not offer"),
        (("pull", "urn:uuid:none"), 2, "no such agreement"),
        (("end", "urn:uuid:none"), 2, "no such process"),
        (("catalog", "did:web:absent.example"), 3, "no DID document"),
        (("init", "--address", "https://x.example", "--country", "CN"), 2, "connector already"),
        (("offer", "x", "--kind", "record-part"), 2, "file of offers"),
        (("offer", "x", "--kind", "passport", "--pack", "https://p.example/1", "--until", "soon"), 2, "file of offers"),
    ],
)
def test_what_cannot_be_done_is_said(space, run, words, code, message):
    arguments = [*words, "--project", str(space.members["packs"].folder)]
    result = CliRunner().invoke(connector, arguments)
    assert (result.exit_code, message in result.stderr) == (code, True), result.output
