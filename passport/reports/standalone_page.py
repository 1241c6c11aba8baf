"""Pages in one file: no script, no request, no font from elsewhere; they open from a disk and print.

Templates lie beside this module. Everything that is put into one is escaped; what a template names and nobody gave is
an error, not an empty place.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from passport.reports.report_words import COMMON, day

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["day"] = lambda value, language: "—" if value is None else day(value, language)
    return environment


def render(template: str, texts: Mapping[str, tuple[str, str]], language: str, **values: Any) -> str:
    """A page as HTML.

    :param template: name of a file under ``templates/``.
    :param texts: what the page itself says, English and Chinese, by name; ``t("name", field=…)`` in the template.
        Words that other pages say too are there without being given.
    :param language: ``en`` or ``zh``: the reader's; ``other`` in the template is the second one.
    """

    known = {**COMMON, **texts}

    def say(name: str, **fields: Any) -> str:
        return known[name][language == "zh"].format(**fields)

    other = "en" if language == "zh" else "zh"
    return (
        _environment()
        .get_template(template)
        .render(t=say, lang=language, other=other, languages=(language, other), **values)
    )
