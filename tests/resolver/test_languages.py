"""Pages speak each language that has a catalogue: another one is a file, and no page knows which there are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from passport.errors import UnusableProject
from passport.texts import catalogue, languages
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
    caches = [each for each in vars(catalogue).values() if hasattr(each, "cache_clear")]
    for each in caches:
        each.cache_clear()
    yield
    monkeypatch.undo()
    for each in caches:
        each.cache_clear()


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


def test_a_language_without_a_catalogue_is_refused(operator, make_site, tmp_path):
    config = make_site(operator, tmp_path).app.extensions["resolver"].config
    with pytest.raises(UnusableProject, match="languages"):
        replace(config, languages=(*languages(), "nl"))
