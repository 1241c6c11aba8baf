r"""Regular expressions of XPath, in which SHACL and the ontology state patterns, for Python's ``re``.

Without flags ``$`` is the end of the text in XPath. In Python it is also the place before a line break at the end, so
that ``^[a-z]{2}$`` would take "de" and a line break for the code of a language, which a SHACL processor elsewhere
refuses.

    python_pattern("^[a-z]{2}$")        # ^[a-z]{2}\Z
"""

from __future__ import annotations

import re
from functools import lru_cache

# What is escaped or in brackets stays.
_DOLLAR = re.compile(r"(\\.|\[\^?\]?(?:\\.|[^\]\\])*\])|\$", re.DOTALL)


@lru_cache(maxsize=256)
def python_pattern(pattern: str) -> str:
    r"""The pattern with ``\Z`` for each ``$`` that is neither escaped nor in brackets."""
    return _DOLLAR.sub(lambda match: match[1] or r"\Z", pattern)
