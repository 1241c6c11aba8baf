"""``passport manual``: every indicator, both languages, one page that needs nothing else."""

from __future__ import annotations

import pytest

from passport.vocabulary.vocabulary import load


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_manual_has_every_indicator_in_both_languages_and_stands_alone(shell, stands_alone, lang):
    shell.run("manual", "--lang", lang, "-o", shell.folder / "manual.html")
    text = (shell.folder / "manual.html").read_text(encoding="utf-8")
    page = stands_alone(text)
    assert page.language == lang
    assert {one.id for one in load().indicators.values()} <= set(page.ids)
    for indicator in load().indicators.values():
        assert indicator.label["zh"] in text and indicator.definition["zh"] in text
        if indicator.enumeration is not None:
            assert f"list-{indicator.enumeration.id}" in page.ids
    for count in ("77", "78", "83", "85"):
        assert f'<td class="n">{count}</td>' in text


def test_the_manual_as_json_is_the_profile(shell):
    assert shell.json("manual")["products"]["ev"]["published"] == 77
