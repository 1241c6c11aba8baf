"""The register on the web: look-up of any code over two makers, search, dump, and a maker that is switched off."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from passport.belonging import passport_verifier
from passport.commands.keeping.init import make_project
from passport.store import Store
from passport.store.register.register_rows import Approval, RegistrationState
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.each import each
from tests.register_world import REGISTER, make_register_world
from tests.resolver.conftest import HTML, TEMPLATES

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("register")
    world = make_register_world(folder, AT)
    for maker in world.makers:
        world.register(maker)
    project = make_project(folder / "site", REGISTER, names={"en": "Register"})
    project.trust_list_path.write_text(json.dumps({"issuers": [each.entry for each in world.makers.values()]}))
    config = replace(ResolverConfig.from_project(project), state_path=folder / "s.db", register_path=world.store.path)
    app = create_app(config, store=Store.open("sqlite://"), now=world.now)
    app.jinja_env.bytecode_cache = TEMPLATES
    app.extensions["register-fetch"] = world.fetch
    return world, app


@pytest.fixture
def site(made):
    world, app = made
    world.clock[0] = AT
    for maker in world.makers.values():
        maker.on = True
    app.extensions.pop("resolver-register", None)
    return world, app.test_client(use_cookies=False)


def page(client, code, lang="en"):
    return client.get(f"/register?code={quote(code, safe='')}&lang={lang}", headers=HTML)


def code_of(world, maker):
    each = world.makers[maker]
    pack = each.store.pack(each.packs[0])
    return pack.code or pack.serial


@each("maker", ["alpha", "beta"])
def test_any_code_has_a_plain_page_that_leads_to_its_maker(site, maker):
    world, client = site
    shown = page(client, code_of(world, maker))
    product = world.makers[maker].packs[0]
    assert shown.status_code == 200 and "<h1>Registered</h1>" in shown.text and f'href="{product}"' in shown.text
    assert "answered just now, and the answer was verified here" in shown.text
    signed = client.get(f"/register?code={quote(product, safe='')}", headers={"Accept": "application/vp"})
    assert passport_verifier(world.trust).verify(json.loads(signed.data), at=AT, about=product).verified is True


def test_a_code_that_is_not_registered_has_a_page_of_its_own(site):
    _, client = site
    shown = page(client, "ZZZPE10A7K2M05G6J0009999")
    assert shown.status_code == 404 and "<h1>Not registered</h1>" in shown.text
    assert client.get("/register?code=x&format=json").json == {"outcome": "not-registered", "code": "x"}
    assert "&lt;script&gt;" in page(client, "<script>").text
    assert client.get(f"/register?code={'x' * 501}").status_code == 400


def test_a_maker_that_is_off_is_shown_from_the_copy_with_its_date_in_both_languages(site):
    world, client = site
    world.makers["alpha"].on = False
    at = world.later(days=20)
    world.makers["beta"].publisher.sign_status_lists(at=at)
    shown = page(client, code_of(world, "alpha"))
    assert "<h1>Registered</h1>" in shown.text and "8 March 2027" in shown.text and "just now" not in shown.text
    assert "2027年3月8日" in page(client, code_of(world, "alpha"), "zh").text
    answer = client.get(f"/register?code={code_of(world, 'alpha')}&format=json").json
    assert (answer["source"], answer["verified"], answer["unreachable"]) == ("copy", True, "fetch-failed")
    assert answer["asOf"].startswith("2027-03-08") and answer["statusAsOf"].startswith("2027-03-08")
    assert "just now" in page(client, code_of(world, "beta")).text, "the other maker is as it was"


def test_an_answer_is_kept_for_a_minute_and_a_change_of_the_registration_is_seen_at_once(site):
    world, client = site
    page(client, code_of(world, "beta"))
    asked = len(world.fetched)
    page(client, code_of(world, "beta"))
    assert len(world.fetched) == asked
    (registration,) = world.store.registrations_of(world.makers["beta"].packs[0])
    for state, heading in ((RegistrationState.SUSPENDED, "Suspended"), (RegistrationState.REGISTERED, "Registered")):
        world.service.change(registration.registration, state, "examined", world.now())
        assert f"<h1>{heading}</h1>" in page(client, code_of(world, "beta")).text
        found = client.get("/register/passports?format=json").json["items"]
        assert len(found) == (1 if state is RegistrationState.SUSPENDED else 2)


def test_all_makers_are_searched_and_dumped_together_and_every_line_verifies(site):
    world, client = site
    everything = client.get("/register/passports?format=json").json
    assert {item["product"] for item in everything["items"]} == {each.packs[0] for each in world.makers.values()}
    maker = everything["items"][0]["maker"]
    found = client.get(f"/register/passports?maker={quote(maker[:5].upper())}&lang=zh", headers=HTML)
    assert maker in found.text and everything["items"][1]["product"] not in found.text
    lines = client.get("/register/dump").text.splitlines()
    assert len(lines) == 2
    for line in map(json.loads, lines):
        result = passport_verifier(world.trust).verify(line["presentation"], at=AT, about=line["product"])
        assert result.verified is True
    assert client.get("/register/passports?nmae=x").status_code == 400


def test_a_withdrawn_passport_says_so_and_is_not_handed_out(site):
    world, client = site
    beta = world.makers["beta"]
    beta.publisher.suspend(beta.packs[0], reason="recall", at=world.now())
    shown = page(client, code_of(world, "beta"))
    assert "<h1>Withdrawn</h1>" in shown.text
    signed = client.get(f"/register?code={code_of(world, 'beta')}&format=vp")
    assert signed.status_code == 404
    beta.publisher.suspend(beta.packs[0], reason="over", at=world.now(), lift=True)


def test_a_registration_that_another_operator_took_over_says_who_is_responsible_now(site):
    """The older registration has a page of its own; the code itself leads to the newer one."""
    world, client = site
    alpha, beta = world.makers["alpha"], world.makers["beta"]
    (old,) = world.store.registrations_of(alpha.packs[0])
    submission, facts = world.store.submission(old.submission), world.store.copies(limit=100)
    taken = replace(submission, operator=beta.project.issuer, key="taken-over", correlation="urn:uuid:taken-over",
                    state=RegistrationState.PENDING)  # fmt: skip
    world.store.submit([taken])
    own = next(each for each in facts if each.product == old.product)
    code = code_of(world, "alpha")
    world.store.decide([Approval(taken, "urn:uuid:new", frozenset({code}), world.store.copy(old.product), own)], AT)
    shown = page(client, old.registration)
    assert (
        "<h1>Moved to another operator</h1>" in shown.text
        and "Responsible now: <b>https://beta.example</b>" in shown.text
    )
    assert "code=urn%3Auuid%3Anew" in shown.text and "Open the passport" not in shown.text
    answer = client.get(f"/register?code={old.registration}&format=json").json
    assert (answer["outcome"], answer["successor"]["registrationId"]) == ("moved", "urn:uuid:new")
    assert client.get(f"/register?code={old.registration}&format=vp").status_code == 404
    assert 'lang="zh' in page(client, old.registration, "zh").text
    newer = client.get(f"/register?code={quote(code, safe='')}&format=json").json
    assert newer["registration"]["registrationId"] == "urn:uuid:new"


def test_a_deactivated_registration_has_the_page_of_what_was_withdrawn(site):
    world, client = site
    (registration,) = world.store.registrations_of(world.makers["beta"].packs[0])
    assert world.service.change(registration.registration, RegistrationState.DEACTIVATED, "recycled", world.now())
    shown = page(client, registration.registration)
    assert shown.status_code == 200 and "<h1>Withdrawn</h1>" in shown.text
    assert client.get(f"/register?code={registration.registration}&format=vp").status_code == 404
    assert registration.product not in client.get("/register/dump").text


def test_a_site_that_is_no_register_says_so(anonymous):
    assert "This site keeps no register." in anonymous.get("/register", headers=HTML).text
    assert anonymous.get("/register/dump").status_code == 404
