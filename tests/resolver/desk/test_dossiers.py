"""The dossiers of packs and actors: what they show, to whom, and what is 404."""

from __future__ import annotations

from urllib.parse import quote

from passport.oversight.actor_dossier import actor_dossier
from passport.oversight.pack_dossier import pack_dossier
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import NOW


def pack_of(desk_site, rule: str) -> int:
    return desk_site.alert(rule).finding.pack_number


@each("lang", ["en", "zh"])
def test_a_pack_has_its_history_its_parts_and_its_vehicles_by_hash(desk_site, lang):
    number = pack_of(desk_site, "used-as-new")
    dossier = pack_dossier(desk_site.site.operator.store, number)
    answer = desk_site.post(f"/desk/packs/{number}", lang=lang)
    assert answer.status_code == 200
    assert dossier.pack.code in answer.text
    for stay in dossier.stays:
        shown = f"h:{stay.object[1:5]}…{stay.object[-2:]}" if stay.sort == "vehicle" else stay.object
        assert shown in answer.text
        assert stay.sort == "part" or stay.object not in answer.text
    assert answer.text.count('<div class="top">') == len(dossier.history)
    assert desk_site.alert("used-as-new").id in answer.text


def test_what_a_pack_lacks_is_said(desk_site):
    answer = desk_site.post(f"/desk/packs/{pack_of(desk_site, 'hand-over-without-receipt')}")
    assert "Its last hand-over has no receipt." in answer.text
    assert "No passport of this pack was issued on this site." in answer.text


def test_signatures_are_checked_when_asked_for(desk_site):
    number = pack_of(desk_site, "cloned-code")
    assert "Could not be checked" not in desk_site.post(f"/desk/packs/{number}").text
    assert "Could not be checked" in desk_site.post(f"/desk/packs/{number}?check=1").text


def test_the_history_of_a_pack_is_exported(desk_site):
    number = pack_of(desk_site, "cloned-code")
    items = desk_site.post(f"/desk/packs/{number}?format=json").json["items"]
    dossier = pack_dossier(desk_site.site.operator.store, number)
    assert [item["event"] for item in items] == [event.event for event in dossier.history]


def test_a_pack_that_is_not_there_is_404(desk_site):
    assert desk_site.post("/desk/packs/99999999").status_code == 404


def test_market_surveillance_sees_of_a_pack_what_its_events_allow(desk_site):
    number = pack_of(desk_site, "second-life-without-test")
    dossier = pack_dossier(desk_site.site.operator.store, number)
    answer = desk_site.post(f"/desk/packs/{number}", Audience.MARKET_SURVEILLANCE)
    assert answer.status_code == 200
    assert "that you may not read" in answer.text
    for stay in dossier.stays:
        assert stay.object not in answer.text
        assert f"h:{stay.object[1:5]}" not in answer.text
    items = desk_site.post(f"/desk/packs/{number}?format=json", Audience.MARKET_SURVEILLANCE).json["items"]
    assert {item["kind"] for item in items} < {event.kind for event in dossier.history}
    assert all(item["massGrams"] is None and item["vehicle"] is None for item in items)


def test_an_actor_is_shown_with_its_volumes_alerts_accreditation_and_partners(desk_site):
    entry = desk_site.alert("sudden-volume")
    did = entry.finding.actor
    dossier = actor_dossier(desk_site.site.operator.store, did, NOW)
    answer = desk_site.post(f"/desk/actors/{quote(did)}")
    assert answer.status_code == 200
    assert did in answer.text
    assert f"/desk/alerts/{entry.id}" in answer.text
    assert dossier.series["receive_in"] and max(dossier.series["receive_in"]) >= 20
    assert dossier.accreditations
    items = desk_site.post(f"/desk/actors/{quote(did)}?format=json").json["items"]
    assert [item["receive_in"] for item in items] == list(dossier.series["receive_in"])


def test_the_series_of_an_actor_add_up_to_its_events_of_that_time(desk_site):
    store = desk_site.site.operator.store
    did = desk_site.alert("corrects-too-often").finding.actor
    dossier = actor_dossier(store, did, NOW)
    events = [event for event, _ in desk_site.population.events() if event.actor == did]
    assert sum(map(sum, dossier.series.values())) <= len(events)
    assert dossier.events <= len(events)
    assert sum(times for _, times, _ in dossier.corrections) > 0


def test_receipts_that_never_came_are_counted_at_the_sender(desk_site):
    entry = desk_site.alert("hand-over-without-receipt")
    dossier = actor_dossier(desk_site.site.operator.store, entry.finding.actor, NOW)
    assert sum(row.packs - row.received for row in dossier.receivers) >= 1


@each("did", ["did:web:nobody.example", "did:web:x/../y", "nonsense"])
def test_an_actor_that_is_not_known_is_404(desk_site, did):
    assert desk_site.post(f"/desk/actors/{did}").status_code == 404


def test_the_dossier_of_an_actor_is_404_for_market_surveillance(desk_site):
    did = desk_site.alert("sudden-volume").finding.actor
    assert desk_site.post(f"/desk/actors/{quote(did)}", Audience.MARKET_SURVEILLANCE).status_code == 404
