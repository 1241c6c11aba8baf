"""The templates whose macros write HTML for values: Python decides what is shown, a macro how it is written.

They are compiled once, when the page's modules are loaded, and need no request.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).resolve().parent.parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)

#: Macros of ``cells.html``: values within a cell or a sentence. Each gives safe markup.
CELLS: Any = _TEMPLATES.get_template("cells.html").module
#: Macros of ``drawing.html``: pieces of a picture.
DRAWING: Any = _TEMPLATES.get_template("drawing.html").module
