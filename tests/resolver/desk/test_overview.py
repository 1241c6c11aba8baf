"""Search, completeness, overdue reports, and an actor's own page."""

from __future__ import annotations

import re
from types import SimpleNamespace
from urllib.parse import quote

from passport.oversight.overview import OWED_RULES, debtors, owed_by
from passport.store import Store
from passport.store.facts.overview_reading import makers
from passport.store.facts.rule_queries import judging
from passport.supervision.alerts import LIVE
from passport.supervision.rulebook import rulebook
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import HTML, NOW
from tests.resolver.desk.conftest import CODES, VEHICLES, addresses

# --- search ----------------------------------------------------------------------------------------------------------


def test_a_pack_is_found_by_its_code_by_its_end_and_by_its_address(desk_site):
    code = CODES["in-use"]
    entry = desk_site.alert("cloned-code")
    for text, shown in ((code, code), (code.lower(), code), (code[-8:], code), (entry.finding.pack, entry.code)):
        answer = desk_site.post("/desk/search", q=text)
        assert shown in answer.text
        assert any("/desk/packs/" in address for address in addresses(answer))


def test_a_pack_without_a_code_is_found_by_the_serial_number_of_its_passport(desk_site, monkeypatch):
    pack = desk_site.alert("cloned-code").finding.pack
    issued = {"SN-0042": (SimpleNamespace(subject=pack),)}
    monkeypatch.setattr(Store, "packs_named", lambda self, text: issued.get(text, ()))
    by_serial, by_address = (desk_site.post("/desk/search", q=text) for text in ("sn-0042", pack))
    found = [address for address in addresses(by_serial) if "/desk/packs/" in address]
    assert found and found == [address for address in addresses(by_address) if "/desk/packs/" in address]


def test_a_pattern_finds_nothing_by_itself(desk_site):
    for text in ("%%%%", "____", "!!!!"):
        assert not any("/desk/packs/" in address for address in addresses(desk_site.post("/desk/search", q=text)))


def test_an_actor_and_an_alert_are_found(desk_site):
    entry = desk_site.alert("sudden-volume")
    assert entry.finding.actor in desk_site.post("/desk/search", q=entry.finding.actor).text
    assert f"/desk/alerts/{entry.id}" in desk_site.post("/desk/search", q=entry.id[:6]).text


@each("field", ["vin", "q"])
def test_a_pack_is_found_by_the_vin_of_its_vehicle_which_is_kept_nowhere(desk_site, field):
    text = VEHICLES["in-use"]
    answer = desk_site.post("/desk/search", **{field: text})
    assert CODES["in-use"] in answer.text
    assert text not in answer.text
    assert all(text not in " ".join((look.subject, *look.elements)) for look in desk_site.site.state.accesses())


def test_what_is_typed_in_an_address_is_not_looked_for(desk_site):
    answer = desk_site.post(f"/desk/search?q={CODES['in-use']}&vin={VEHICLES['in-use']}")
    assert CODES["in-use"] not in answer.text


def test_a_search_without_a_match_says_so(desk_site):
    assert "Nothing on this node fits." in desk_site.post("/desk/search", q="ZZZZZZZZ").text


def test_market_surveillance_searches_neither_actors_nor_vehicles(desk_site):
    did = desk_site.alert("sudden-volume").finding.actor
    assert did not in desk_site.post("/desk/search", Audience.MARKET_SURVEILLANCE, q=did).text
    answer = desk_site.post("/desk/search", Audience.MARKET_SURVEILLANCE, vin=VEHICLES["in-use"])
    assert CODES["in-use"] not in answer.text


# --- completeness, overdue -------------------------------------------------------------------------------------------


@each("lang", ["en", "zh"])
@each("path", ["/desk/completeness", "/desk/overdue"])
def test_the_pages_across_makers_and_debtors(desk_site, path, lang):
    assert desk_site.post(path, lang=lang).status_code == 200
    assert desk_site.post(path, Audience.MARKET_SURVEILLANCE).status_code == 404


def test_makers_are_counted_from_their_events(desk_site):
    with judging(desk_site.site.operator.store) as (_, connection):
        rows = makers(connection)
    events = [event for event, _ in desk_site.population.events()]
    assert sum(row.produced for row in rows) == sum(event.kind == "produce" for event in events)
    items = desk_site.post("/desk/completeness?format=json").json["items"]
    assert [item["maker"] for item in items] == [row.maker for row in rows]


def test_withdrawals_and_suspensions_are_listed_with_what_was_published(make_operator, make_site, tmp_path):
    from passport.vocabulary import vocabulary
    from tests.remembering_publisher import RememberingPublisher

    operator = make_operator(tmp_path / "operator")
    regimes = tuple(vocabulary.regimes().values())
    base = operator.project.base_url
    publisher = RememberingPublisher(operator.store, operator.issuer, base, vocabulary.load(), regimes)
    publisher.revoke(operator.packs["ev"], reason="internal", at=NOW, public_reason="the mass was read wrongly")
    publisher.suspend(operator.packs["lmt"], reason="internal", at=NOW)
    site = make_site(operator, tmp_path)
    answer = site.client.post(
        "/desk/completeness?lang=en", data={"access_token": site.token(Audience.CN_REGULATOR)}, headers=HTML
    )
    assert "the mass was read wrongly" in answer.text
    assert "Withdrawn" in answer.text and "Suspended" in answer.text
    assert "internal" not in answer.text


def test_debtors_are_those_of_open_alerts(desk_site):
    owing = debtors(desk_site.alerts)
    counted = sum(sum(debtor.counts.values()) for debtor in owing)
    live = [entry for entry in desk_site.alerts if entry.rule.code in OWED_RULES and entry.status in LIVE]
    assert counted == sum(1 for entry in live if entry.finding.actor)
    entry = desk_site.alert("hand-over-without-receipt")
    assert any(debtor.actor == entry.finding.other for debtor in owing)


# --- the other side --------------------------------------------------------------------------------------------------


def as_actor(desk_site, did: str, path: str = "/duties", **fields):
    """The page of an actor: the token of the site's holder, with the DID of the actor in its place."""
    site = desk_site.site
    token = site.token(Audience.LEGITIMATE_INTEREST)
    access = site.app.extensions["resolver"].access
    reader = access.read(f"Bearer {token}", NOW)
    from dataclasses import replace

    own = access.token_for(replace(reader, holder=did), NOW).access_token
    return site.client.post(path, data={"access_token": own, **fields}, headers=HTML)


def test_an_actor_sees_what_it_owes_and_what_is_overdue(desk_site):
    entry = desk_site.alert("report-overdue")
    did = entry.finding.actor
    rows = owed_by(desk_site.site.operator.store, rulebook(), did)
    assert rows
    answer = as_actor(desk_site, did, "/duties?lang=en")
    assert answer.status_code == 200
    assert re.search(r"You owe \d+ report", answer.text)
    assert "overdue" in answer.text
    items = as_actor(desk_site, did, "/duties?format=json").json["items"]
    assert {item["pack"] for item in items} == {row.pack for row in rows}


def test_an_actor_sees_alerts_that_concern_it_and_no_other_party(desk_site):
    entry = desk_site.alert("hand-over-without-receipt")
    answer = as_actor(desk_site, entry.finding.actor, "/duties?lang=en")
    assert "Hand-over without receipt" in answer.text
    assert "another party" in answer.text
    assert entry.finding.other.removeprefix("did:web:") not in answer.text
    assert "/desk/alerts" not in answer.text


def test_what_an_authority_wrote_stays_with_the_authority(desk_site):
    entry = desk_site.alert("hand-over-without-receipt")
    desk_site.post(f"/desk/alerts/{entry.id}/step", step="assign", owner="Wei", reason="visit on Monday", seen="0")
    answer = as_actor(desk_site, entry.finding.actor)
    assert "visit on Monday" not in answer.text and "Wei" not in answer.text


def test_an_actor_reaches_no_page_of_the_desk(desk_site):
    did = desk_site.alert("hand-over-without-receipt").finding.actor
    for path in ("/desk", "/desk/alerts", f"/desk/actors/{did}", "/desk/flows", "/desk/search", "/desk/looks"):
        assert as_actor(desk_site, did, path).status_code == 404


def test_own_duties_are_404_without_a_token_and_empty_for_a_stranger(desk_site):
    assert desk_site.site.client.get("/duties").status_code == 404
    answer = as_actor(desk_site, "did:web:stranger.example", "/duties?lang=en")
    assert "You owe nothing that this node knows of." in answer.text
    assert "No alert concerns you." in answer.text


def test_completeness_is_judged_by_regime_on_one_pack_of_each_model(desk_site):
    items = desk_site.post("/desk/completeness?part=models&format=json").json["items"]
    ev = {item["regime"]: item for item in items if item["category"] == "ev"}
    assert set(ev) == {"eu", "cn"}
    assert all(item["due"] > 0 and item["given"] == item["due"] and not item["missing"] for item in ev.values())
    assert {item["regime"] for item in items if item["category"] == "lmt"} == {"eu"}
    page = desk_site.post("/desk/completeness").text
    assert "3 models were looked at; 3 give all that is mandatory and due." in page
    assert "not asked" in page


def test_each_pack_of_a_model_is_judged_with_its_batch_by_the_obligations_of_a_day(desk_site):
    rows = desk_site.post("/desk/completeness?part=models&format=json").json["items"]
    model = next(item["model"] for item in rows if item["category"] == "ev")
    path = f"/desk/completeness/packs?model={quote(model)}"
    items = {item["regime"]: item for item in desk_site.post(f"{path}&format=json").json["items"]}
    assert set(items) == {"eu", "cn"}
    assert all(item["pack"] == desk_site.site.operator.packs["ev"] and item["due"] > 0 for item in items.values())
    # Of the European regulation little was due before passports were.
    early = {item["regime"]: item for item in desk_site.post(f"{path}&on=2026-06-01&format=json").json["items"]}
    assert early["eu"]["due"] < items["eu"]["due"]
    assert "due on 1 June 2026" in desk_site.post(f"{path}&on=2026-06-01&lang=en").text
    assert desk_site.post(path, Audience.MARKET_SURVEILLANCE).status_code == 404


@each("query", ["on=tomorrow", "on=2027-02-30"])
def test_what_is_no_day_is_refused(desk_site, query):
    assert desk_site.post(f"/desk/completeness?{query}").status_code == 400


def test_packs_of_an_unknown_model_are_not_found(desk_site):
    assert desk_site.post("/desk/completeness/packs?model=urn:absent").status_code == 404
