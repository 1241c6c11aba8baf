"""The front door: what it leads to, and finding a passport by what stands on a battery."""

from __future__ import annotations

import re

from tests.each import each

BASE = "https://passport.example.com"
CODE = "ZZZPE10A7K2M05G6J0000317"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@each("language", ["en", "zh"])
def test_the_front_door_leads_to_all_that_is_public_and_every_link_leads_somewhere(site, language):
    page = site.client.get(f"/?lang={language}", headers=HTML)
    assert page.headers["Content-Language"] == language
    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', page.text))
    assert {link.split("?")[0] for link in links} >= {
        "/look", "/scan", "/search", "/issuers", "/terms", "/verify", "/present", "/openapi.json", "/dumps", "/ns",
    }  # fmt: skip
    for link in links:
        assert site.client.get(link, headers=HTML).status_code == 200, link


@each("code", [CODE, f"{CODE[:14]} {CODE[14:]}", CODE.lower(), f" {CODE} "])
def test_a_code_as_people_type_it_leads_to_its_passport(site, code):
    answer = site.client.get("/find", query_string={"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{BASE}{site.path(site.ev)}")


def test_an_address_of_ours_leads_to_its_passport(site):
    answer = site.client.get("/find", query_string={"code": site.ev})
    assert answer.headers["Location"] == f"{BASE}{site.path(site.ev)}"


@each(
    ("code", "status"),
    [("", 400), ("x", 400), (CODE[:-1], 400), (f"{CODE[:-1]}8", 404), (f"{BASE}/01/09506000134352/21/X", 404),
     ("https://elsewhere.example/01/09529999001009", 400), (f"{BASE}/../x", 400), ("x" * 10_000, 400)],
)  # fmt: skip
def test_what_cannot_be_found_is_said_as_a_page_that_leads_back(site, code, status):
    answer = site.client.get("/find", query_string={"code": code}, headers=HTML)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert 'href="/"' in answer.text
    assert "Location" not in answer.headers
