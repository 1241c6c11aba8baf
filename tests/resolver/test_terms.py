"""A page for each term: forms, languages, links, and what is not there."""

from __future__ import annotations

import json

import rdflib
from rdflib.compare import isomorphic

from passport.vocabulary import term_description
from tests.each import each


def get(site, path, **headers):
    return site.client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@each("space", term_description.SPACES)
def test_each_namespace_has_pages_in_both_languages(site, space):
    name = term_description.names(space)[-1]
    for language in ("en", "zh"):
        answer = get(site, f"/{space}/{name}?lang={language}", Accept="text/html")
        assert (answer.status_code, answer.headers["Content-Language"]) == (200, language)
        assert f"{space}#{name}" in answer.text
        assert f'<html lang="{language}">' in answer.text


def test_the_page_of_an_indicator_says_what_a_maker_needs(site):
    chinese = get(site, "/ns/nominalVoltage", Accept="text/html", Accept_Language="zh-CN,zh;q=0.9").text
    assert "标称电压" in chinese and "填报规则" in chinese and "欧盟电池护照" in chinese
    english = get(site, "/ns/nominalVoltage", Accept="text/html", Accept_Language="en").text
    assert "Nominal voltage" in english
    assert 'href="/units/volt?lang=en"' in english and 'href="/codes/audience.public?lang=en"' in english


def test_programs_get_turtle_or_json_ld(site):
    turtle = get(site, "/ns/gtin", Accept="text/turtle")
    assert turtle.content_type == "text/turtle; charset=utf-8"
    jsonld = get(site, "/ns/gtin", Accept="application/ld+json")
    assert jsonld.content_type == "application/ld+json"
    graphs = [rdflib.Graph().parse(data=turtle.data, format="turtle"),
              rdflib.Graph().parse(data=jsonld.data, format="json-ld")]  # fmt: skip
    assert isomorphic(*graphs)
    assert json.loads(get(site, "/ns/gtin?format=jsonld", Accept="text/html").data)
    assert "Accept" in turtle.headers["Vary"]
    assert '<https://w3id.org/battery-passport/ns#gtin>; rel="about"' in turtle.headers["Link"]


def test_nothing_acceptable_is_406_and_an_unknown_term_404(site):
    assert get(site, "/ns/gtin", Accept="image/png").status_code == 406
    for path in ("/ns/absent", "/codes/x", "/nowhere/gtin", f"/ns/{'a' * 500}", "/ns/%2e%2e", "/ns/<script>"):
        answer = get(site, path, Accept="text/html")
        assert answer.status_code == 404, path
        assert "<script>" not in answer.text


@each("space", ["meta", "codes", "units", "sources"])
def test_a_namespace_without_a_term_is_the_ontology(site, space):
    assert get(site, f"/{space}", Accept="text/turtle").data == get(site, "/ns", Accept="text/turtle").data


def test_the_list_of_terms_leads_to_each_indicator(site):
    page = get(site, "/terms?lang=zh", Accept="text/html").text
    assert page.count('href="/ns/') == 190
    assert "电压" in page


def test_every_link_of_a_page_to_our_own_terms_leads_somewhere(site):
    page = get(site, "/ns/originalPowerCapability", Accept="text/html").text
    paths = {part.split('"')[0] for part in page.split('href="') if part.startswith(("/ns/", "/codes/", "/units/"))}
    assert len(paths) > 8
    assert {get(site, path, Accept="text/html").status_code for path in paths} == {200}
