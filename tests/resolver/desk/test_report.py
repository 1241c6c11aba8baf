"""Upload records of an actor and period: at the desk, and at the side of the actor."""

from __future__ import annotations

import json

import pytest

from passport.supervision.period_report import receipt_of
from passport.supervision.rulebook import rulebook
from passport.supervision.upload_records import CHINA
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import HTML


@pytest.fixture
def debtor(desk_site):
    """An actor that owes a step since a deadline, and the year of both."""
    finding = desk_site.alert("report-overdue").finding
    return finding.actor, finding.due.astimezone(CHINA).strftime("%Y")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_desk_shows_what_an_actor_reported_what_is_late_and_the_receipt(desk_site, debtor, lang):
    actor, period = debtor
    page = desk_site.post(f"/desk/reports/{actor}?period={period}", lang=lang)
    assert page.status_code == 200
    (duty,) = desk_site.alert("report-overdue").finding.values
    assert rulebook().duties[duty].label[lang] in page.text
    report = desk_site.post(f"/desk/reports/{actor}?period={period}&format=json").json
    assert report["receipt"] == receipt_of({name: value for name, value in report.items() if name != "receipt"})
    assert report["receipt"] in page.text
    assert [fault["errorType"] for fault in report["faults"]] == ["overdue"]
    rows = desk_site.post(f"/desk/reports/{actor}?period={period}&format=csv").text.splitlines()
    assert len(rows) == len(report["records"]) + 1


def test_what_recycling_gave_back_is_told_by_material(desk_site):
    recycled = next(event for event, _ in desk_site.population.events()
                    if event.kind == "recycle" and event.number("recoveredLithiumMass"))  # fmt: skip
    address = f"/desk/reports/{recycled.actor}?period={recycled.instant.astimezone(CHINA):%Y}"
    for lang, name in (("en", "Recovered lithium"), ("zh", "回收的锂")):
        assert f"<dt>{name}</dt>" in desk_site.post(address, lang=lang).text


def test_the_dossier_leads_to_the_records_and_every_look_is_logged(desk_site, debtor):
    actor, period = debtor
    assert "/desk/reports/" in desk_site.post(f"/desk/actors/{actor}").text
    desk_site.post(f"/desk/reports/{actor}?period={period}&format=json")
    last = tuple(desk_site.site.state.accesses())[-1]
    assert (last.subject, last.elements[-3:]) == (actor, ("report", period, "json"))


def test_masses_of_both_parties_are_told_to_the_authority_and_only_its_own_to_the_actor(desk_site, monkeypatch):
    entry = desk_site.alert("mass-mismatch")
    received = next(event for event, _ in desk_site.population.events() if event.id == entry.finding.evidence[1])
    month = received.instant.astimezone(CHINA).strftime("%Y-%m")
    report = desk_site.post(f"/desk/reports/{received.actor}?period={month}&format=json").json
    (row,) = report["discrepancies"]
    assert (row["sentMass"], row["receivedMass"]) == (250_000, 244_999)
    page = desk_site.post(f"/desk/reports/{received.actor}?period={month}").text
    assert "244.999" in page and ">250<" in page
    # The receiver itself, as a holder of any role.
    with desk_site.site.app.test_request_context(f"/duties/report?period={month}&lang=en"):
        from resolver.desk.frame import Visitor, respond  # noqa: PLC0415
        from resolver.desk.report import report_page  # noqa: PLC0415

        access = desk_site.site.app.extensions["resolver"].access
        reader = access.read(f"Bearer {desk_site.token(Audience.LEGITIMATE_INTEREST)}", desk_site.site.clock[0])
        visitor = Visitor(reader, "t", "en", desk_site.site.clock[0])
        own = respond(visitor, report_page(visitor, received.actor, "/duties/report")).get_data(as_text=True)
    assert "244.999" in own and "another mass" in own and ">250<" not in own


def test_anybody_with_a_role_has_a_report_of_its_own(desk_site):
    token = desk_site.token(Audience.LEGITIMATE_INTEREST)
    page = desk_site.site.client.post("/duties/report?lang=en", data={"access_token": token}, headers=HTML)
    assert page.status_code == 200
    assert "Nothing was reported in this period" in page.text
    report = desk_site.site.client.post("/duties/report?format=json", data={"access_token": token})
    assert json.loads(report.data)["actor"] == desk_site.site.holder.public_key.did_key
    assert "/duties/report" in desk_site.site.client.post("/duties", data={"access_token": token}, headers=HTML).text


@each("period", ["2026-13", "x", "2026-Q5"])
def test_what_is_no_period_is_refused(desk_site, period):
    assert desk_site.post(f"/desk/reports/did:web:a.example?period={period}").status_code == 400


def test_records_of_actors_are_for_who_sees_all_events(desk_site):
    for audience in (Audience.MARKET_SURVEILLANCE, Audience.LEGITIMATE_INTEREST):
        assert desk_site.post("/desk/reports/did:web:a.example", audience).status_code == 404
