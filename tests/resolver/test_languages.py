"""Pages speak each language that has a catalogue: another one is a file, and no page knows which there are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import rdflib

from passport.errors import MalformedOntology, UnusableProject
from passport.linked_data import resources
from passport.texts import catalogue, languages
from passport.vocabulary import label_files, term_description, vocabulary
from tests.each import each
from tests.resolver.conftest import HTML

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: nl\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Battery passport"
msgstr "Batterijpaspoort"

msgid "Life so far"
msgstr "Levensloop"
"""


@pytest.fixture
def dutch(tmp_path, monkeypatch):
    """One more language, of which two texts are translated."""
    folder = tmp_path / "catalogues"
    folder.mkdir()
    (folder / "zh.po").symlink_to(catalogue.FOLDER / "zh.po")
    (folder / "nl.po").write_text(CATALOGUE.lstrip(), encoding="utf-8")
    monkeypatch.setattr(catalogue, "FOLDER", folder)
    caches = [item for item in vars(catalogue).values() if hasattr(item, "cache_clear")]
    for item in caches:
        item.cache_clear()
    yield
    monkeypatch.undo()
    for item in caches:
        item.cache_clear()


def test_a_language_with_a_catalogue_has_pages_and_is_offered_on_each(dutch, operator, make_site, tmp_path):
    site = make_site(operator, tmp_path)
    asked = site.get(site.ev, HTML, query_string={"lang": "nl"})
    preferred = site.get(site.ev, {**HTML, "Accept-Language": "nl-NL, zh;q=0.5"})
    for answer in (asked, preferred):
        assert answer.headers["Content-Language"] == "nl" and '<html lang="nl">' in answer.text
        assert "Batterijpaspoort" in answer.text and "Levensloop" in answer.text
    # What is not translated is English; numbers and dates are Dutch all the same.
    assert "Tap a name for its meaning" in asked.text
    assert re.search(r"\d\.\d{3}<i>", asked.text) and re.search(r"\d+ (?:juni|juli) 2026", asked.text)
    for path in (site.path(site.ev), "/", "/search", "/verify"):
        offered = re.findall(r'hreflang="(\w+)"[^>]*>([^<]+)</a>', site.client.get(path, headers=HTML).text)
        assert offered == [("en", "English"), ("nl", "Nederlands"), ("zh", "中文")], path


LABELS = """
@prefix ns: <https://w3id.org/battery-passport/ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

ns:ratedEnergy rdfs:label "Nominale energie"@nl ; skos:definition "Energie bij nominale omstandigheden."@nl .
<https://w3id.org/battery-passport/codes#dimension.performance> skos:prefLabel "Prestaties"@nl .
"""


def test_labels_in_one_more_language_are_one_more_file(request, dutch, operator, make_site, tmp_path, monkeypatch):
    """The page says the label and the meaning in Dutch, the value as ever; what is not in the file is English."""
    (tmp_path / "nl.ttl").write_text(LABELS, encoding="utf-8")
    more = label_files.read(tmp_path)
    monkeypatch.setattr(label_files, "labels", lambda: more)
    term_description.describe.cache_clear()
    request.addfinalizer(term_description.describe.cache_clear)
    known = vocabulary.read(resources.read_text(vocabulary.ONTOLOGY))
    monkeypatch.setattr(vocabulary, "load", lambda: known)
    (tmp_path / "site").mkdir()
    site = make_site(operator, tmp_path / "site")
    page = site.get(site.ev, HTML, query_string={"lang": "nl"}).text
    assert "Energie bij nominale omstandigheden." in page and "Prestaties" in page
    assert "Nominale energie" in site.client.get("/ns/ratedEnergy?lang=nl", headers=HTML).text
    for path in ("/ns", "/ns/ratedEnergy"):
        graph = rdflib.Graph().parse(data=site.client.get(f"{path}?format=turtle").data, format="turtle")
        names = graph.objects(rdflib.URIRef("https://w3id.org/battery-passport/ns#ratedEnergy"), rdflib.RDFS.label)
        assert {"en", "nl", "zh"} == {name.language for name in names}, path
    assert "Minimum voltage" in page and "100<i>" in page
    assert "Nominale" not in site.get(site.ev, HTML, query_string={"lang": "en"}).text


@each(("name", "text"), [
    ("nl", "ns:gtin ns:unit ns:kilogram ."), ("nl", 'ns:gtin rdfs:label "GTIN" .'),
    ("nl", 'ns:gtin rdfs:label "x"@de .'),
    ("nl", 'ns:gtin rdfs:label "a"@nl , "b"@nl .'), ("nl", "ns:gtin rdfs:label ."),
    ("zh", 'ns:gtin rdfs:label "x"@zh .'),
    ("Dutch words", 'ns:gtin rdfs:label "x"@nl .'), ("nl", 'ns:gtin rdfs:label " "@nl .'),
])  # fmt: skip
def test_a_file_of_labels_is_refused_that_says_anything_else(tmp_path, name, text):
    prefixes = LABELS.partition("ns:ratedEnergy")[0]
    (tmp_path / f"{name}.ttl").write_text(prefixes + text, encoding="utf-8")
    with pytest.raises(MalformedOntology, match="ontology/labels/"):
        label_files.read(tmp_path)


def test_a_language_without_a_catalogue_is_refused(operator, make_site, tmp_path):
    config = make_site(operator, tmp_path).app.extensions["resolver"].config
    with pytest.raises(UnusableProject, match="languages"):
        replace(config, languages=(*languages(), "nl"))
