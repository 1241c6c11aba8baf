"""Signed evidence: an event that verifies, one that does not, one that could not be checked; and the file of all."""

from __future__ import annotations

import json
import re

import pytest

from passport.belonging import passport_verifier
from passport.credentials.trust import TrustList
from passport.oversight.supervised_store import rebuild_from_events
from passport.oversight.supervisor import check
from passport.supervision.rulebook import rulebook
from passport.vocabulary.vocabulary import Audience
from resolver.desk.alert import alert_page as shown_alert
from resolver.desk.frame import Visitor, desk, respond
from tests.lifecycle.life_world import CAR_1, car
from tests.publishing.event_world import ACTORS, SigningWorld
from tests.resolver.conftest import HTML, NOW, make_operator, make_site


@pytest.fixture
def told(tmp_path):
    """A pack with signed events that were reported many years late, judged; and the desk of a site that knows them."""
    operator = make_operator(tmp_path / "operator", "ev-ncm-100kwh", url=f"sqlite:///{tmp_path / 'passports.db'}")
    world, pack = SigningWorld(operator.store), operator.packs["ev"]
    world.sold(pack)
    world.accept("repair", "workshop", pack=pack, vehicle=car(CAR_1))
    rebuild_from_events(operator.store)
    check(operator.store, rulebook(), world.now)
    return operator, world


def site_of(told, tmp_path, *, trusts_actors: bool = True):
    operator, _ = told
    issuers = operator.project.trust_list().issuers
    if trusts_actors:
        issuers = (*issuers, *ACTORS.trust_list().issuers)
    return make_site(operator, tmp_path, trust_list=TrustList(issuers))


def page_of(told, site) -> str:
    """The page of an alert, at the time of that world, which is many years after the site's role."""
    token = site.token(Audience.CN_REGULATOR)
    reader = site.app.extensions["resolver"].access.read(f"Bearer {token}", NOW)
    with site.app.test_request_context("/desk?lang=en"):
        visitor = Visitor(reader, token, "en", told[1].now)
        entry = next(entry for entry in desk().alerts.entries() if entry.rule.code == "signed-long-after")
        return respond(visitor, shown_alert(visitor, entry)).get_data(as_text=True)


def alert_page(site, tail: str = ""):
    form = {"access_token": site.token(Audience.CN_REGULATOR)}
    items = site.client.post("/desk/alerts?format=json&rule=signed-long-after", data=form).json["items"]
    return site.client.post(f"/desk/alerts/{items[0]['id']}{tail}?lang=en", data=form, headers=HTML)


def outcomes(page: str) -> list[str]:
    return re.findall(r'class="o_ (\w+)"', page)


def test_each_event_of_the_line_verifies(told, tmp_path):
    operator, _ = told
    shown = outcomes(page_of(told, site_of(told, tmp_path)))
    assert shown == ["ok"] * len(operator.store.event_chain(operator.packs["ev"]))


def test_an_event_of_a_signer_on_no_trust_list_does_not_verify_and_says_why(told, tmp_path):
    page = page_of(told, site_of(told, tmp_path, trusts_actors=False))
    assert set(outcomes(page)) == {"no"}
    assert "trust list" in page


def test_a_changed_event_does_not_verify_and_looks_different(told, tmp_path):
    operator, _ = told
    event = operator.store.event_chain(operator.packs["ev"])[0]
    body = json.loads(operator.store.event_document(event.digest).body)
    body["credentialSubject"]["eventTime"] = "2027-06-30T00:00:00Z"
    with operator.store.engine.connect() as connection:
        names = connection.exec_driver_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'event_documents'"
        ).scalars()
        for name in list(names):
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        connection.exec_driver_sql(
            "UPDATE event_documents SET body = ? WHERE digest = ?", (json.dumps(body).encode(), event.digest)
        )
        connection.commit()
    page = page_of(told, site_of(told, tmp_path))
    assert outcomes(page).count("no") == 1
    assert "Does not verify" in page


def test_all_evidence_is_one_file_that_verifies_offline(told, tmp_path):
    site = site_of(told, tmp_path)
    answer = alert_page(site, "/evidence")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].endswith('.evidence.jsonld"')
    assert answer.headers["Cache-Control"] == "private, no-store"
    result = passport_verifier(ACTORS.trust_list()).verify(json.loads(answer.data), at=told[1].now)
    assert result.verified, [check.detail for check in result.checks]


def test_the_place_of_an_event_in_the_log_and_its_digest_are_told(told, tmp_path):
    operator, _ = told
    answer = alert_page(site_of(told, tmp_path))
    for row in operator.store.event_chain(operator.packs["ev"]):
        assert row.id in answer.text and row.digest in answer.text


def test_a_step_survives_facts_that_are_made_again(told, tmp_path):
    operator, world = told
    site = site_of(told, tmp_path)
    form = {"access_token": site.token(Audience.CN_REGULATOR), "step": "ask", "reason": "by letter", "seen": "0"}
    items = site.client.post("/desk/alerts?format=json", data=form).json["items"]
    assert site.client.post(f"/desk/alerts/{items[0]['id']}/step", data=form).status_code == 200
    rebuild_from_events(operator.store)
    check(operator.store, rulebook(), world.now)
    again = site.client.post("/desk/alerts?format=json", data=form).json["items"]
    assert {item["id"]: item["status"] for item in again}[items[0]["id"]] == "asked"


def test_the_passport_of_a_pack_is_one_button_away(told, tmp_path):
    site = site_of(told, tmp_path)
    form = {"access_token": site.token(Audience.CN_REGULATOR)}
    answer = site.client.post("/desk/packs/1?lang=en", data=form, headers=HTML)
    assert f'formaction="/passports{site.ev.removeprefix("https://passport.example.com")}?lang=en"' in answer.text
