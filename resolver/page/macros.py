"""The template whose macros write HTML for values: Python decides what is shown, a macro how it is written.

It is compiled once, when the page's modules are loaded, and needs no request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from passport.reports.isolation import IsolatedValues

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=[IsolatedValues],
)

#: Macros of ``cells.html``: values within a cell or a sentence. Each gives safe markup.
CELLS: Any = _TEMPLATES.get_template("cells.html").module
