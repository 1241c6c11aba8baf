"""Content negotiation: the form and the language of an answer (RFC 9110 section 12). Pure functions.

1. ``?format=`` wins over ``Accept``, ``?lang=`` over ``Accept-Language``: an address can be passed on.
2. The most specific media range decides the weight of a form; weight 0 excludes it.
3. Of equally wanted forms the earlier one in :data:`FORMS` is taken: HTML, since people scan more than machines do.
4. No acceptable form: :class:`NotAcceptable`, which becomes 406. An unknown language is no error: the default is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from passport.errors import UsageError
from passport.texts import Message


class NotAcceptable(UsageError):
    """None of the forms on offer is acceptable to the reader."""

    code = "not-acceptable"
    hint = "Leave Accept out, or name one of the forms on offer."


@dataclass(frozen=True)
class Form:
    """One form of a document: its name in ``?format=``, its media type, and the media types that also ask for it."""

    name: str
    media_type: str
    aliases: tuple[str, ...] = ()


HTML = Form("html", "text/html", ("application/xhtml+xml",))
VP = Form("vp", "application/vp")
JSONLD = Form("jsonld", "application/ld+json")
JSON = Form("json", "application/json")
TURTLE = Form("turtle", "text/turtle", ("application/x-turtle",))
NQUADS = Form("nquads", "application/n-quads", ("text/x-nquads",))
CSV = Form("csv", "text/csv")
FORMS = (HTML, VP, JSONLD, JSON, TURTLE, NQUADS, CSV)
_PROBLEM = Form("problem", "application/problem+json", ("application/json",))


def choose_form(accept: str | None, wanted: str | None = None, forms: Sequence[Form] = FORMS) -> Form:
    """The form to answer in.

    :param accept: the Accept header, None or empty where there is none.
    :param wanted: the value of ``?format=``.
    :raises NotAcceptable: nothing fits, or ``wanted`` is no form.
    """
    if wanted is not None:
        for form in forms:
            if form.name == wanted:
                return form
        raise NotAcceptable(Message("no such form"), expected=_names(forms), found=_short(wanted))
    ranges = _ranges(accept)
    if not ranges:
        return forms[0]
    weights = [_weight(form, ranges) for form in forms]
    if max(weights) <= 0:
        raise NotAcceptable(Message("no form that you accept"), expected=_names(forms), found=_short(accept or ""))
    return forms[weights.index(max(weights))]


def names_a_form(accept: str | None) -> bool:
    """True where a reader names a form of the passport, and not just anything (``*/*``)."""
    ranges = [entry for entry in _ranges(accept) if entry[0] != "*/*"]
    return any(_weight(form, ranges) > 0 for form in FORMS)


def choose_language(header: str | None, wanted: str | None, languages: Sequence[str]) -> str:
    """The language to answer in; the first of ``languages`` where the reader names none of them."""
    if wanted is not None:
        primary = wanted.lower().split("-")[0]
        return primary if primary in languages else languages[0]
    for name, weight in sorted(_items(header), key=lambda item: -item[1]):
        primary = name.split("-")[0]
        if weight > 0 and primary in languages:
            return primary
        if weight > 0 and name == "*":
            break
    return languages[0]


def media_weight(media_type: str, accept: str | None) -> float:
    """The weight that an Accept header gives to one media type; without a header everything is welcome."""
    ranges = _ranges(accept)
    return _weight(Form("", media_type), ranges) if ranges else 1.0


def language_weights(header: str | None) -> dict[str, float]:
    """Primary language -> the highest weight that an Accept-Language header gives it."""
    weights: dict[str, float] = {}
    for name, weight in _items(header):
        primary = name.split("-")[0]
        weights[primary] = max(weight, weights.get(primary, 0.0))
    return weights


def prefers_html(accept: str | None) -> bool:
    """True where an error should be a page: the reader names HTML, and no JSON above it."""
    ranges = [entry for entry in _ranges(accept) if entry[0] != "*/*"]
    html, problem = _weight(HTML, ranges), _weight(_PROBLEM, ranges)
    return html > 0 and html >= problem


def _items(header: str | None) -> list[tuple[str, float]]:
    """``name;q=weight`` items of a header, in order; a weight that is none counts as 0."""
    items = []
    # A header of a thousand items asks for work, not for a document.
    for part in (header or "").split(",")[:64]:
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if not name:
            continue
        weight = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                try:
                    weight = min(max(float(value), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
                weight = 0.0 if weight != weight else weight
        items.append((name, weight))
    return items


def _ranges(accept: str | None) -> list[tuple[str, float]]:
    return [(name, weight) for name, weight in _items(accept) if "/" in name]


def _weight(form: Form, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that fits; an alias counts only where it is named in full."""
    main = form.media_type.split("/")[0]
    for patterns in ((form.media_type,), form.aliases, (f"{main}/*",), ("*/*",)):
        weights = [weight for name, weight in ranges if name in patterns]
        if weights:
            return max(weights)
    return 0.0


def _names(forms: Sequence[Form]) -> str:
    return ", ".join(f"{form.media_type} (?format={form.name})" for form in forms)


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")
