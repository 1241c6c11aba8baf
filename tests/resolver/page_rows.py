"""How the page writes an entry: with its value, or as a name among those that the reader may not read."""

from __future__ import annotations

import re


def has_value(page: str, indicator: str) -> bool:
    """Whether the page shows a value of ``indicator``: a row that opens its meaning."""
    return re.search(rf"<li id={indicator}(?: class=[^>]*)?><details><summary><span class=k>", page) is not None


def is_withheld(page: str, indicator: str) -> bool:
    """Whether ``indicator`` is no more than a name with its definition, in a list of what is restricted."""
    folds = re.findall(r"<details class=fold[^>]*><summary><span class=rs>.*?</details>", page, re.DOTALL)
    name = rf"<li id={indicator}><a href=/ns/{indicator}\?lang=\w+>[^<]+</a>"
    return not has_value(page, indicator) and any(re.search(name, fold) for fold in folds)
