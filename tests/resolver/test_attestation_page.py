"""The page that says who attested which value of a passport."""

from __future__ import annotations

import json

from passport.belonging import passport_verifier
from tests.attestation.test_attestations import AT, CORE, World
from tests.resolver.conftest import HTML, Operator, make_site


def test_the_page_says_who_attested_what_until_when_and_hands_it_out_signed(tmp_path, monkeypatch):
    world = World(tmp_path)
    world.hand_over(world.sign(*CORE))
    world.maker.trust_list_path.write_text(json.dumps({
        "issuers": [{"id": each.id, "name": dict(each.name), "trustedFor": sorted(each.trusted_for)}
                    for each in world.trust().issuers]
    }))  # fmt: skip
    site = make_site(Operator(world.maker, world.store, {}), tmp_path)
    site.clock[0] = AT
    path = "/attestations" + world.pack.removeprefix(world.maker.base_url)
    page = site.client.get(path, headers=HTML)
    assert page.status_code == 200 and page.text.count("✓ attested") == len(CORE) and "8 March 2028" not in page.text
    assert "Lab" in page.text and "7 March 2028" in page.text and "GB/T 31486-2024" in page.text
    chinese = site.client.get(f"{path}?lang=zh", headers=HTML).text
    assert "额定容量" in chinese
    listed = site.client.get(f"{path}?format=json").json["attested"]
    assert {each["indicator"]: each["standing"] for each in listed} == dict.fromkeys(CORE, "fits")
    file = json.loads(site.client.get(path, headers={"Accept": "application/vp"}).data)
    assert passport_verifier(world.trust()).verify(file, at=AT, about=world.pack).verified is True


def test_a_passport_without_attestations_says_so(site):
    path = "/attestations" + site.ev.removeprefix("https://passport.example.com")
    assert "No third party attested" in site.client.get(path, headers=HTML).text
    assert site.client.get("/attestations/id/NONE", headers=HTML).status_code == 404
