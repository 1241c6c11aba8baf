"""One signed value as the content of a table cell.

A value comes as it was signed (JSON-LD): quantities as decimal text, structured values as nested objects under their
*terms*, repeatable ones as arrays. What kind of value it is, its unit, its code list and the labels of its fields are
the ontology's; nothing is guessed from the text, and text is always escaped.

Short lists are shown in the cell. Longer values (a composition, a set of records) become a table under the entry.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from passport.reports.isolation import isolated
from passport.texts import ENGLISH, fallback
from passport.vocabulary.substances import name_of
from passport.vocabulary.vocabulary import Datatype, Enumeration, Field, Indicator, Unit
from resolver.page import formatting as f
from resolver.page.macros import CELLS
from resolver.page.wording import Words

SHORT, SHORT_CODE = 24, 24
_FOLD = 8
_CODE = re.compile(r"(?=.*\d)[0-9A-Z]{9,}\Z")
_NUMBER_LIKE = re.compile(r"[\d-]{4,16}\Z", re.ASCII)
_PLACE = ("streetAddress", "addressLocality", "addressCountry")
_DOCUMENT = {"documentUrl", "documentMediaType", "documentLanguage"}
_NAMES = ("substanceName", "partName", "name")
_BELOW_NAME = ("substanceIdentifier", "materialLocation")
_NUMBERS = (Datatype.DECIMAL, Datatype.INTEGER)


@dataclass(frozen=True)
class ValueCell:
    """:ivar html: content of the cell; :ivar kind: ``short``, ``long`` or ``text`` (how it is laid out).

    :ivar extra: content below the entry, over its whole width.
    """

    html: Markup
    kind: str
    extra: Markup | None = None


def render(indicator: Indicator, value: Any, words: Words) -> ValueCell:
    """The cell for one indicator's value."""
    values = value if isinstance(value, list) else [value]
    if indicator.datatype is Datatype.STRUCTURED:
        return _structured(indicator, [entry for entry in values if isinstance(entry, Mapping)], words)
    shown = [_scalar(entry, indicator, words) for entry in values]
    if indicator.datatype is Datatype.STRING and len(values) == 1:
        name, other = f.one_language(str(values[0]), words.language)
        if other:
            return ValueCell(isolated(CELLS.two_names(name, f.language_of(other), other)), "text")
    return ValueCell(_list(shown), _kind(indicator.datatype, values, shown))


def _kind(datatype: Datatype, values: Sequence[Any], shown: Sequence[Markup]) -> str:
    if datatype in (*_NUMBERS, Datatype.BOOLEAN, Datatype.DATE, Datatype.DURATION):
        return "short"
    if len(values) == 1 and datatype in (Datatype.STRING, Datatype.ENUM):
        # Beside its label on a phone: a code takes more room than words.
        most = SHORT_CODE if shown[0].startswith("<code>") else SHORT
        if len(shown[0].striptags()) <= most:
            return "short"
    return "long" if len(values) == 1 and shown[0].startswith("<code>") else "text"


def _list(items: Sequence[Markup]) -> Markup:
    if len(items) == 1:
        return items[0]
    if len(items) <= 12:
        return isolated(CELLS.bullets(items))
    return isolated(CELLS.run_on(items))


def _scalar(value: Any, of: Indicator | Field, words: Words) -> Markup:
    """One unstructured value. A value of another shape than its type promises is shown as the text it is."""
    language = words.language
    match of.datatype:
        case Datatype.DECIMAL | Datatype.INTEGER:
            return f.quantity(value, of.unit, language)
        case Datatype.BOOLEAN:
            return words("yes" if value is True or value == "true" else "no")
        case Datatype.DATE:
            return f.date_value(value, language)
        case Datatype.DATE_TIME:
            return f.instant_value(value, language)
        case Datatype.DURATION:
            return isolated(f.duration(value, language))
        case Datatype.ENUM:
            return _code(value, of.enumeration, language)
        case Datatype.ANY_URI if isinstance(value, str):
            return f.link(value)
        case Datatype.LANG_STRING if isinstance(value, Mapping):
            return f.in_languages(dict(value), language)
    if _CODE.match(str(value)):
        return isolated(CELLS.code(str(value)))
    return f.text(str(value), language)


def _code(value: Any, enumeration: Enumeration | None, language: str) -> Markup:
    entry = enumeration.get(value) if enumeration and isinstance(value, str) else None
    return isolated(fallback(entry.label, language) if entry else str(value))


# --- structured -----------------------------------------------------------------------------------------------------


def _structured(indicator: Indicator, entries: Sequence[Mapping[str, Any]], words: Words) -> ValueCell:
    if not entries:
        return ValueCell(isolated("—"), "short")
    entry = entries[0] if len(entries) == 1 else None
    if entry is not None:
        special = _special(indicator, entry, words)
        if special is not None:
            return special
    used = [field for field in indicator.fields if any(field.term in entry for entry in entries)]
    if not used:
        return ValueCell(isolated("—"), "short")
    # What an entry is about comes first, whatever the order in the record.
    main = _main_field(indicator, used)
    used.sort(key=lambda field: field is not main)
    if any("streetAddress" in entry for entry in entries):
        return ValueCell(_list([_address(indicator, entry, words) for entry in entries]), "text")
    if "documentUrl" in (terms := {field.term for field in used}) and terms <= _DOCUMENT:
        return ValueCell(_list([_document(indicator, entry, words) for entry in entries]), "text")
    wide = any(field.datatype is Datatype.LANG_STRING for field in used)
    pairs = entry is None or all(field.datatype in _NUMBERS for field in used)
    if len(used) <= 2 and pairs and not wide and len(entries) <= 12:
        lines = [_line(indicator, used, entry, words, brief=True) for entry in entries]
        return ValueCell(_list(lines), "text")
    if len(entries) <= 2 and not wide and len(used) <= 4:
        lines = [_line(indicator, used, entry, words) for entry in entries]
        return ValueCell(_list(lines), "long" if main.datatype in _NUMBERS else "text")
    if entry is not None:
        return ValueCell(words("particulars", n=len(used)), "text", _description(used, entry, words))
    summary = words("entries", n=len(entries))
    if len(used) == 2 and len(entries) > _FOLD and not wide:
        grouped = _grouped(used, entries, words)
        return ValueCell(summary, "text", _folded(grouped, words))
    table = _table(indicator, used, entries, words)
    if wide:
        # Sentences for each entry are long: they are read one tap away, and on paper.
        return ValueCell(isolated(CELLS.folded(summary, table)), "text")
    if len(entries) <= _FOLD:
        return ValueCell(summary, "text", table)
    return ValueCell(_names(used, entries, words) or summary, "text", _folded(table, words))


def _folded(table: Markup, words: Words) -> Markup:
    return isolated(CELLS.folded(words("as-table"), table))


def _names(used: Sequence[Field], entries: Sequence[Mapping[str, Any]], words: Words) -> Markup | None:
    """What the entries are about, where that is a few names; the table under them has the rest."""
    by_name = [field for field in used if field.term in _NAMES]
    if not by_name:
        return None
    of_substances = by_name[0].term == "substanceName"
    names = list(dict.fromkeys(
        substance(entry, words) if of_substances else isolated(str(entry.get(by_name[0].term, "—")))
        for entry in entries
    ))  # fmt: skip
    joined = words.pause.join(names)
    return joined if len(joined.striptags()) <= 200 else None


def _special(indicator: Indicator, entry: Mapping[str, Any], words: Words) -> ValueCell | None:
    """Shapes that people write in one go: a range, three dimensions, an address, a contact, a chemistry."""
    language = words.language
    terms = {field.term: field for field in indicator.fields if field.term in entry}
    if terms.keys() == {"minimumTemperature", "maximumTemperature"}:
        unit = terms["maximumTemperature"].unit
        high = _quantity(entry["maximumTemperature"], unit, words)
        return ValueCell(words("range", low=words.number(entry["minimumTemperature"]), high=high), "short")
    if terms.keys() == {"outerLength", "outerWidth", "outerHeight"}:
        length, width = words.number(entry["outerLength"]), words.number(entry["outerWidth"])
        height = _quantity(entry["outerHeight"], terms["outerHeight"].unit, words)
        return ValueCell(isolated(CELLS.size(length, width, height)), "short")
    if terms.keys() == {"chemistryClearName", "chemistryShortName"}:
        short = terms["chemistryShortName"].enumeration
        label = _code(entry["chemistryShortName"], short, language)
        return ValueCell(
            isolated(
                CELLS.chemistry(
                    label,
                    words("in-brackets", text=entry["chemistryShortName"]),
                    f.text(str(entry["chemistryClearName"]), language),
                )
            ),
            "text",
        )
    if terms.keys() <= {"email", "webAddress"}:
        return ValueCell(isolated(", ").join(_contact(indicator, entry, words)), "text")
    return None


def _quantity(value: Any, unit: Unit | None, words: Words) -> Markup:
    return f.quantity(value, unit, words.language)


def _address(indicator: Indicator, entry: Mapping[str, Any], words: Words) -> Markup:
    name, other = f.one_language(str(entry.get("name") or ""), words.language)
    signed = [str(entry[term]) for term in _PLACE if entry.get(term)]
    code, town = str(entry.get("postalCode") or ""), str(entry.get("addressLocality") or "")
    if code and town:
        signed[signed.index(town)] = f"{code} {town}"
    elif code:
        signed.insert(1, code)
    comma = words.comma if any(f.is_chinese(part) for part in signed) else isolated(", ")
    parts = [f.text(part, words.language) for part in (name, *signed) if part]
    rest = [
        _labelled(field, entry[field.term], words)
        for field in indicator.fields
        if field.term in entry and field.term not in (*_PLACE, "name", "postalCode", "email", "webAddress")
    ]
    small = [*([f.text(other, words.language)] if other else []), *rest, *_contact(indicator, entry, words)]
    html = comma.join(parts)
    return isolated(CELLS.small(html, words.comma.join(small))) if small else html


def _contact(indicator: Indicator, entry: Mapping[str, Any], words: Words) -> list[Markup]:
    shown = []
    if entry.get("webAddress"):
        shown.append(f.link(str(entry["webAddress"])))
    if entry.get("email"):
        shown.append(f.mail(str(entry["email"])))
    return shown


def _document(indicator: Indicator, entry: Mapping[str, Any], words: Words) -> Markup:
    kind = str(entry.get("documentMediaType", "")).rsplit("/", 1)[-1].upper()
    about = ", ".join(part for part in (kind, str(entry.get("documentLanguage", ""))) if part)
    html = f.link(str(entry.get("documentUrl", "")))
    return isolated(CELLS.aside(html, about)) if about else html


def substance(entry: Mapping[str, Any], words: Words) -> Markup:
    """The name of a substance, in the reader's script where its CAS number is known; then the signed name is below."""
    signed = str(entry.get("substanceName", "—"))
    known = name_of(str(entry.get("substanceIdentifier", "")))
    translated = fallback(known, words.language) if known else signed
    if f.is_chinese(signed) == f.is_chinese(translated) or translated == signed:
        return f.text(signed, words.language)
    return isolated(CELLS.signed_name(translated, f.language_of(signed), signed))


def _main_field(indicator: Indicator, used: Sequence[Field]) -> Field:
    """What an entry is about: its name; else the quantity in the indicator's own unit; else the first field."""
    names = [field for field in used if field.term in _NAMES]
    if names:
        return names[0]
    by_unit = [field for field in used if field.datatype in _NUMBERS and field.unit and field.unit == indicator.unit]
    return by_unit[0] if by_unit else used[0]


def _line(
    indicator: Indicator, used: Sequence[Field], entry: Mapping[str, Any], words: Words, *, brief: bool = False
) -> Markup:
    """One entry as ``main`` and the rest small; ``brief``: name and value side by side."""
    present = [field for field in used if field.term in entry]
    if not present:
        return isolated("—")
    main = _main_field(indicator, present)
    rest = [field for field in present if field is not main]
    html = _field(main, entry[main.term], words)
    if brief and any(_needs_label(field, main) for field in rest):
        return words.comma.join(_labelled(field, entry[field.term], words) for field in present)
    if brief:  # what it is, then how much
        pair = sorted(present, key=lambda field: field.datatype in _NUMBERS)
        return isolated(" ").join(_field(field, entry[field.term], words) for field in pair)
    small = words.comma.join(_labelled(field, entry[field.term], words) for field in rest)
    return isolated(CELLS.small(html, small)) if small else html


def _needs_label(field: Field, main: Field) -> bool:
    """Two numbers side by side cannot be told apart without their names."""
    return field.datatype in _NUMBERS and main.datatype in _NUMBERS


def _labelled(field: Field, value: Any, words: Words) -> Markup:
    """``at state of charge 80 %``; code lists and links speak for themselves."""
    shown = _field(field, value, words)
    if field.datatype in (Datatype.ENUM, Datatype.ANY_URI):
        return shown
    label = words.say(field.label)
    if words.language == ENGLISH and label[1:2].islower():
        label = label[0].lower() + label[1:]
    return words("labelled", label=label, value=shown)


def _field(field: Field, value: Any, words: Words) -> Markup:
    values = value if isinstance(value, list) else [value]
    return words.pause.join(_scalar(entry, field, words) for entry in values)


def _description(used: Sequence[Field], entry: Mapping[str, Any], words: Words) -> Markup:
    rows = [(words.say(field.label), _field(field, entry[field.term], words)) for field in used]
    return isolated(CELLS.pairs(rows))


def _grouped(used: Sequence[Field], entries: Sequence[Mapping[str, Any]], words: Words) -> Markup:
    """Many pairs, the second parts gathered under their first: the cells under each module."""
    groups: dict[str, list[str]] = {}
    for entry in entries:
        groups.setdefault(str(entry.get(used[0].term, "—")), []).append(str(entry.get(used[1].term, "—")))
    return isolated(CELLS.gathered([(first, " ".join(rest)) for first, rest in groups.items()]))


def _table(indicator: Indicator, used: Sequence[Field], entries: Sequence[Mapping[str, Any]], words: Words) -> Markup:
    """Entries as a table of their own; a wide one scrolls inside a region that the keyboard reaches."""
    below = [field for field in used[1:] if used[0].term == "substanceName" and field.term in _BELOW_NAME]
    used = [field for field in used if field not in below]
    headings = [words.say(field.label) for field in used]
    rows = [[_cell(field, entry, below, words) for field in used] for entry in entries]
    # Columns of numbers end at one line; said once, and not in each cell.
    ends = [f" r{at}" for at, field in enumerate(used, 1) if field.datatype in (*_NUMBERS, Datatype.DURATION)]
    table = isolated(CELLS.table("".join(ends), headings, rows))
    if len(used) < 4:
        return table
    return isolated(CELLS.scrolling(" w" if len(used) > 4 else "", words.say(indicator.label), table))


def _cell(field: Field, entry: Mapping[str, Any], below: Sequence[Field], words: Words) -> Markup:
    """One cell; a substance has its number and place below its name, so that the table fits a phone."""
    if field.term == "substanceName":
        small = [_plain(each, entry[each.term], words) for each in below if each.term in entry]
        name = substance(entry, words)
        return isolated(CELLS.small(name, words.comma.join(small))) if small else name
    return _plain(field, entry[field.term], words) if field.term in entry else isolated("—")


def _plain(field: Field, value: Any, words: Words) -> Markup:
    if field.datatype in _NUMBERS and not isinstance(value, list):
        return isolated(f.plain_quantity(value, field.unit, words.language))
    if isinstance(value, str) and _NUMBER_LIKE.match(value):
        return isolated(CELLS.unbroken(value))
    at = f.instant(value) if field.datatype is Datatype.DATE_TIME else None
    if at is not None:
        return isolated(f.moment(at, words.language))
    return _field(field, value, words)
