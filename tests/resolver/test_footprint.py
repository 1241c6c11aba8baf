"""A declared footprint over HTTP: the page leads to the declaration, and that to its countersignature."""

from __future__ import annotations

import json

import pytest

from passport.credentials.issuer import Issuer
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import calculate, declared
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.publishing import footprint_declaration
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import DECLARATION_TYPE
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

from .conftest import BASE, EXAMPLES, NOW, make_operator, make_site


@pytest.fixture(scope="module")
def footprint(tmp_path_factory):
    """An operator whose EV model has a declared, countersigned and published footprint."""
    operator = make_operator(tmp_path_factory.mktemp("operator"), "lmt-ebike")
    publisher = RememberingPublisher(operator.store, operator.issuer, BASE, vocabulary.load(), ())
    result = calculate(inventory_workbook.read(EXAMPLES / "footprint-ev-ncm.xlsx"), software="test")
    record = example_records("ev-ncm-100kwh.xlsx")[0]
    model = f"{BASE}/01/09529999001009"
    signed = publisher.publish(
        DECLARATION_TYPE,
        model,
        "BatteryModel",
        footprint_declaration.claims(result, "zdigest"),
        at=NOW,
    ).document
    key = PrivateKey.generate(Algorithm.P256)
    verifier = Issuer(key.public_key.did_key, KeySigner(key))
    countersigned = footprint_declaration.countersign(signed, verifier, at=NOW, statement="conforms")
    filled = declared.fill(record, result, {declared.CHINESE.declaration: signed["id"]})
    pack = publisher.issue([filled], at=NOW).of_kind("pack")[0].subject
    return operator, signed, countersigned, pack


@pytest.fixture
def site(footprint, tmp_path):
    return make_site(footprint[0], tmp_path)


def test_the_page_leads_to_the_declaration(site, footprint):
    text = site.get(footprint[3], headers={"Accept": "text/html"}).get_data(as_text=True)
    assert f'href="{footprint[1]["id"]}"' in text


def test_the_declaration_is_public_and_its_countersignature_follows_once_it_is_kept(site, footprint):
    operator, signed, countersigned, _ = footprint
    path = signed["id"].removeprefix(BASE)
    answer = site.client.get(path)
    assert (answer.mimetype, json.loads(answer.data)) == ("application/vc", signed)
    assert site.client.get(f"{path}/countersignature").status_code == 404
    bundle = footprint_declaration.bundle([signed, countersigned])
    footprint_declaration.add_countersignature(operator.store, bundle, at=NOW, body=strict_json.dumps)
    assert json.loads(site.client.get(f"{path}/countersignature").data) == countersigned


@pytest.mark.parametrize("name", ["x", "00000000-0000-4000-8000-000000000000"])
def test_no_other_credential_has_a_countersignature(site, name):
    assert site.client.get(f"/credentials/{name}/countersignature").status_code == 404
