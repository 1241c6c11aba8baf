"""The counter: three answers; the VIN is nowhere but in the request."""

from __future__ import annotations

import logging

from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import NOW, make_site
from tests.resolver.desk.conftest import CODES, VEHICLES, DeskSite, addresses

PATH = "/desk/scrap"


@each(
    ("vehicle", "codes", "outcome"),
    [
        ("in-use", CODES["in-use"], "yes"),
        ("in-use", "", "no"),
        ("in-use", CODES["other"], "no"),
        ("pack-removed", "", "yes"),
        ("scrapped", CODES["scrapped"], "no"),
        ("held", CODES["held"], "no"),
    ],
)
@each("lang", ["en", "zh"])
def test_one_of_three_answers(desk_site, vehicle, codes, outcome, lang):
    fields = {"vin": VEHICLES[vehicle], "codes": codes} | ({} if codes else {"none": "1"})
    answer = desk_site.post(PATH, lang=lang, **fields)
    assert answer.status_code == 200
    assert f'class="ans {outcome}"' in answer.text


def test_a_vehicle_without_a_record_cannot_be_told(desk_site):
    answer = desk_site.post(PATH, vin="LSVNV133922222222", none="1", foreign="1")
    assert 'class="ans unknown"' in answer.text
    assert "It may be scrapped" not in answer.text


def test_without_a_key_no_vehicle_can_be_told(desk_operator, tmp_path):
    operator, population = desk_operator
    site = DeskSite(make_site(operator, tmp_path), population)
    answer = site.post(PATH, vin=VEHICLES["in-use"], codes=CODES["in-use"])
    assert 'class="ans unknown"' in answer.text


def test_differing_characters_of_two_codes_are_marked(desk_site):
    misread = CODES["in-use"][:-2] + CODES["in-use"][:-3:-1]
    answer = desk_site.post(PATH, vin=VEHICLES["in-use"], codes=misread)
    assert "<mark>" in answer.text


def test_the_vin_is_not_shown_logged_or_put_into_an_address(desk_site, caplog):
    caplog.set_level(logging.DEBUG)
    text = VEHICLES["in-use"]
    answers = [
        desk_site.post(PATH, vin=text, codes=CODES["in-use"]),
        desk_site.post(PATH, vin=text + "9", codes=CODES["in-use"]),
        desk_site.post(PATH, vin=text[:-1] + "X", codes=CODES["in-use"]),
        desk_site.post(PATH, vin=text, codes="9ZX"),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 400, 400]
    for answer in answers:
        assert text not in answer.text and text[:12] not in answer.text
        assert all(text not in address for address in addresses(answer))
    assert text not in caplog.text
    for record in desk_site.site.state.accesses():
        assert text not in record.subject and all(text not in element for element in record.elements)


def test_a_vin_in_an_address_is_not_looked_at(desk_site):
    answer = desk_site.post(f"{PATH}?vin={VEHICLES['in-use']}&codes={CODES['in-use']}")
    assert 'class="ans' not in answer.text
    assert VEHICLES["in-use"] not in answer.text


def test_nothing_typed_for_codes_is_asked_back(desk_site):
    assert desk_site.post(PATH, vin=VEHICLES["in-use"]).status_code == 400


def test_the_counter_is_404_for_a_role_that_may_not_ask(desk_site):
    fields = {"vin": VEHICLES["in-use"], "none": "1"}
    for audience in (Audience.MARKET_SURVEILLANCE, Audience.LEGITIMATE_INTEREST):
        assert desk_site.post(PATH, audience, **fields).status_code == 404


def test_an_accredited_dismantler_may_ask_and_learns_nothing_of_other_vehicles(desk_site):
    from passport.store.facts.fact_writing import writing

    did = desk_site.site.holder.public_key.did_key
    mine = {"actor": did, "role": "dismantler", "since": 0, "until": int(NOW.timestamp()) + 86400}
    store = desk_site.site.operator.store
    with writing(store) as facts:
        facts.refer(accreditations=[*desk_site.population.accreditations, mine])
    try:
        answer = desk_site.post(PATH, Audience.LEGITIMATE_INTEREST, vin=VEHICLES["in-use"], codes=CODES["other"])
        assert 'class="ans no"' in answer.text
        assert "/desk/packs/" not in answer.text
        assert "did:web:" not in answer.text
    finally:
        with writing(store) as facts:
            facts.refer(accreditations=desk_site.population.accreditations)
