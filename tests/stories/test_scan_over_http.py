"""Stories 2 to 4 as they happen: a phone reads the code, a recycler shows its role, a verifier goes offline."""

from __future__ import annotations

import re
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image

from passport.battery.privacy import rights
from passport.credentials.issuer import Issuer
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.reports import qr_code
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.resolver.page_rows import is_withheld


@pytest.fixture
def site(world, ev) -> FlaskClient:
    """The resolver over the operator's store. The private key is gone from the disk before it starts."""
    (world.project.folder / "keys" / "issuer.pem").rename(world.project.folder / "elsewhere.pem")
    config = ResolverConfig(
        base_url=world.project.base_url,
        state_path=world.project.state_path,
        trust_list=world.project.trust_list(),
        regimes=world.project.regimes,
    )
    return create_app(config, store=world.store, now=lambda: world.now).test_client()


def read_code(address: str) -> str:
    """Print the address as a QR code, photograph it, and read the path that the phone would call."""
    (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(qr_code.png(address))))
    return urlsplit(code.text).path


def show_role(site: FlaskClient, world, holder: PrivateKey, role: dict) -> str:
    """The access token that a role credential gets."""
    asked = site.post("/challenge").json
    did = holder.public_key.did_key
    presentation = Issuer(did, KeySigner(holder)).present(
        [role], holder=did, challenge=asked["challenge"], domain=asked["domain"], created=world.now
    )
    answer = site.post("/token", json={"presentation": presentation})
    assert answer.status_code == 200, answer.text
    return answer.json["access_token"]


def passport_as(site: FlaskClient, path: str, token: str | None = None) -> dict:
    answer = follow(site, path, {"Accept": "application/vp"} | ({"Authorization": f"Bearer {token}"} if token else {}))
    return strict_json.loads(answer.data)


def follow(site: FlaskClient, path: str, headers: dict[str, str]):
    """What stands behind an address: its redirect leads to the configured base, whatever host the test client uses."""
    answer = site.get(path, headers=headers)
    assert answer.status_code == 307, answer.text
    answer = site.get(urlsplit(answer.headers["Location"]).path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_phone_reads_the_code_and_lands_on_the_page_of_this_pack(site, ev):
    page = follow(site, read_code(ev), {"Accept": "text/html", "Accept-Language": "zh-CN"})
    assert 'lang="zh' in page.text and "A7K2M05" in page.text
    # What is restricted is named and defined, as the ontology does for each battery, and no more than that.
    assert is_withheld(page.text, "stateOfCharge")
    assert ">荷电状态</a>" in page.text
    named = re.sub(r"<li id=stateOfCharge><a href=/ns/stateOfCharge\?lang=zh>荷电状态</a>", "", page.text)
    assert "stateOfCharge" not in named


def test_a_recyclers_view_over_http_is_exactly_that_of_the_ontology_and_verifies_offline(site, world, ev):
    holder = PrivateKey.generate()
    role = world_grant(world, holder, Audience.LEGITIMATE_INTEREST)
    path = read_code(ev)
    token = show_role(site, world, holder, role)
    public, restricted = passport_as(site, path), passport_as(site, path, token)
    words = vocabulary.load()
    allowed = rights.readable(words, Audience.LEGITIMATE_INTEREST)

    def indicators(document: dict) -> set[str]:
        return {
            key
            for credential in document["verifiableCredential"]
            for key in credential["credentialSubject"]
            if key in words.indicators
        }

    assert indicators(public) < indicators(restricted) <= allowed
    assert "disassemblyManual" in indicators(restricted) and "testReportResults" not in indicators(restricted)
    world.later(days=2)
    assert world.verify(restricted).verified is True


def test_the_code_on_the_plate_leads_to_the_same_passport(site, world, ev):
    code = world.store.pack(ev).code
    answer = site.get(f"/gbt34014/{code}")
    assert answer.status_code == 307
    assert answer.headers["Location"].endswith(urlsplit(ev).path)


def test_a_revocation_is_seen_by_the_next_reader(site, world, ev):
    (world.project.folder / "elsewhere.pem").rename(world.project.folder / "keys" / "issuer.pem")
    assert world.verify(passport_as(site, read_code(ev))).verified is True
    world.later(days=1)
    world.publisher.revoke(ev, reason="wrong chemistry declared", at=world.now)
    assert world.verify(passport_as(site, read_code(ev))).verified is False
    page = follow(site, read_code(ev), {"Accept": "text/html", "Accept-Language": "en"})
    assert "withdrawn" in page.text.lower()


def world_grant(world, holder: PrivateKey, audience: Audience) -> dict:
    """A role credential, signed where the key is: not on the machine of the resolver."""
    key, away = world.project.folder / "keys" / "issuer.pem", world.project.folder / "elsewhere.pem"
    away.rename(key)
    try:
        return world.grant(holder, audience)
    finally:
        key.rename(away)
