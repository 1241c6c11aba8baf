"""One search for people: whatever is on a battery or in a person's head, in one field.

An address, a plate code with blanks or dashes, a serial number with or without them, what is printed beside a GS1
symbol, a GTIN, a model, a maker: the text is tried as each of them, the most exact first. What is typed is never
blamed; what it could have been is said beside it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote

from passport.battery.identifiers.address import PassportAddress, parse_iri
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.store import Pack, Store
from passport.texts import Message
from passport.vocabulary.credential_types import MODEL
from resolver.pack_search import Index, Model
from resolver.spellings import BETWEEN, compact, spellings
from resolver.tombstone import has_ceased

#: Characters of a search that are read.
MOST = 300
#: Packs that a list shows.
LISTED = 25
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2028-\u202f\u2060-\u2069\ufeff\u00ad]")
#: A GS1 element string as people read it beside the symbol: (01) and a GTIN, (21) and a serial number, (10) a batch.
_PRINTED = re.compile(r"\(01\)\s*(?P<gtin>[0-9]{14})\s*(?:\(10\)\s*[^()]+)?(?:\(21\)\s*(?P<serial>[^()]+))?")
#: An address, with or without its scheme. A number may have a slash as well, so a bare host needs a dot.
_ADDRESS = re.compile(r"(?:https?://[^/]+|(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?::[0-9]+)?)/", re.IGNORECASE)
_GTIN_LENGTHS = (8, 12, 13, 14)


@dataclass(frozen=True)
class LookUp:
    """What a text may mean.

    :ivar address: the one passport that it names, issued or not; None where it names none or several.
    :ivar items: packs that fit, with their models; :ivar more: whether there are further ones.
    :ivar remark: what is said where nothing fits, or where a text is nearly something.
    """

    address: PassportAddress | None = None
    items: tuple[tuple[Pack, Model], ...] = ()
    more: bool = False
    remark: Message | None = None
    models: tuple[Model, ...] = field(default=())


def tidy(text: str) -> str:
    """The text as a person meant it: wide letters made narrow, nothing invisible, no blanks around it."""
    return " ".join(unicodedata.normalize("NFKC", _INVISIBLE.sub("", text.replace("\0", "")))[:MOST].split())


def look_up(store: Store, index: Index, base_url: str, text: str) -> LookUp:
    """What ``text`` may mean here.

    :param text: as it was typed.
    """
    text = tidy(text)
    if not text:
        return LookUp()
    return (
        _as_address(base_url, text)
        or _as_printed(base_url, text)
        or _as_code(text)
        or _as_serial(store, index, base_url, text)
        or _as_gtin(store, base_url, text)
        or _as_words(store, index, text)
        or LookUp(remark=_nothing(text))
    )


def _as_address(base_url: str, text: str) -> LookUp | None:
    if not _ADDRESS.match(text):
        return None
    whole = text if "://" in text else f"{base_url.split('://', 1)[0]}://{text}"
    whole = whole.split("?", 1)[0].split("#", 1)[0].replace("/passports/", "/", 1)
    if not whole.startswith(base_url + "/"):
        host = whole.split("://", 1)[1].split("/", 1)[0]
        return LookUp(remark=Message("That is an address of {host}; this site is {site}.", host=host[:80],
                                     site=base_url.split("://", 1)[1]))  # fmt: skip
    try:
        return LookUp(parse_iri(whole, base_url))
    except MalformedIdentifier:
        return LookUp(remark=Message("That is an address of this site, but of no passport."))


def _as_printed(base_url: str, text: str) -> LookUp | None:
    """What is printed beside a GS1 symbol (GS1 General Specifications, section 4.14)."""
    match = _PRINTED.fullmatch(text)
    if match is None:
        return None
    serial = f"/21/{quote(match['serial'].strip(), safe='')}" if match["serial"] else ""
    try:
        return LookUp(parse_iri(f"{base_url}/01/{match['gtin']}{serial}", base_url))
    except MalformedIdentifier:
        # The words below are about the GTIN alone, which is what people misread.
        return _as_gtin_remark(match["gtin"])


def _as_code(text: str) -> LookUp | None:
    try:
        code = TractionBatteryCode.parse(BETWEEN.sub("", text).upper(), lenient=True)
    except MalformedIdentifier:
        return None
    return LookUp(PassportAddress("gbt34014", code.model_part, code.item_part))


def _as_serial(store: Store, index: Index, base_url: str, text: str) -> LookUp | None:
    packs = store.packs_of_names(spellings(text))
    if len(packs) == 1:
        return LookUp(parse_iri(packs[0].subject, base_url))
    return _listed(store, index, packs) if packs else None


def _as_gtin(store: Store, base_url: str, text: str) -> LookUp | None:
    digits = BETWEEN.sub("", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) in _GTIN_LENGTHS):
        return None
    gtin = digits.zfill(14)
    if (wrong := _as_gtin_remark(digits)) is not None:
        return wrong
    address = parse_iri(f"{base_url}/01/{gtin}", base_url)
    return LookUp(address) if store.current(address.iri(base_url), MODEL) is not None else None


def _as_gtin_remark(digits: str) -> LookUp | None:
    """What is said of a GTIN whose last digit does not fit the others; None where it fits."""
    expected = _check_digit(digits.zfill(14)[:-1])
    if digits[-1] == expected:
        return None
    return LookUp(remark=Message("As a GTIN, {digits} would have to end in {expected}. Compare it with the label.",
                                 digits=digits, expected=expected))  # fmt: skip


def _check_digit(body: str) -> str:
    """The last digit of a GTIN-14 (GS1 General Specifications, section 7.9)."""
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(body))
    return str(-total % 10)


def _as_words(store: Store, index: Index, text: str) -> LookUp | None:
    """Packs of the models of which each word is in the maker's name, the trade mark, the model's name or its GTIN."""
    wanted, plain = unicodedata.normalize("NFKC", text).casefold().split(), compact(text)
    models = [
        model
        for model in index.models().values()
        if all(any(word in part for part in (*model.words, *model.names)) for word in wanted)
        or (plain and any(plain in compact(part) for part in (*model.words, *model.names)))
    ]
    if not models:
        return None
    named = sorted(model.subject for model in models)[:LISTED]
    packs = store.find_packs(models=named, category=None, named=None, after="", limit=LISTED + 1)
    return _listed(store, index, packs) or LookUp(models=tuple(models[:LISTED]))


def _listed(store: Store, index: Index, packs: tuple[Pack, ...]) -> LookUp | None:
    models = index.models()
    items = [(pack, models[pack.model]) for pack in packs if pack.model in models]
    items = [pair for pair in items[: LISTED + 1] if not has_ceased(store, pair[0].subject)]
    return LookUp(items=tuple(items[:LISTED]), more=len(items) > LISTED) if items else None


def _nothing(text: str) -> Message:
    plain = BETWEEN.sub("", text).upper()
    if len(plain) >= 17 and plain.isascii() and plain.isalnum():
        return Message("As a plate code it would have 24 characters; this has {count}. Compare it sign by sign: 0 and "
                       "O, 1 and I look alike.", count=len(plain)) if len(plain) != 24 else Message(
            "It has the length of a plate code, but is none. Compare it sign by sign: 0 and O, 1 and I look alike."
        )  # fmt: skip
    return Message("Nothing here has this name or number.")
