"""For which subjects an issuer is trusted: addresses, GTIN prefixes and manufacturer codes.

A trust list may narrow an issuer to what is its own::

    "namespaces": {"addresses": ["https://passport.example.com"], "gtinPrefixes": ["9529999"],
                   "manufacturerCodes": ["ZZZ"]}

* An *address* covers itself and what lies below it, at a segment boundary of the same origin: ``…/id`` covers
  ``…/id/X`` and not ``…/identity``.
* A *GTIN prefix* is compared from digit 2 of the GTIN-14, since digit 1 is the packaging level. (GS1 General
  Specifications, section 1.4)
* A *manufacturer code* is the first three characters of a product code. (GB/T 34014-2017)

Every kind that is listed must cover the subject. A kind of which the subject is not known to have an identifier leaves
the question open: it is not passed. An issuer without namespaces is trusted for any subject.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from passport.credentials.wording import Phrase
from passport.texts import Message

KINDS = ("addresses", "gtinPrefixes", "manufacturerCodes")
_PORTS = {"http": 80, "https": 443}
_GTIN = re.compile(r"/01/([0-9]{14})(?=/|\Z)", re.ASCII)
_CLIMBING = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)|%2f|%5c|\\", re.IGNORECASE)


@dataclass(frozen=True)
class Identifiers:
    """What one subject is known by.

    :param address: its IRI.
    :param gtins: GTIN-14s, from its address or from signed statements about it.
    :param codes: product codes (GB/T 34014), from signed statements about it.
    """

    address: str
    gtins: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    @classmethod
    def of_address(cls, address: str) -> Identifiers:
        """What an address alone tells: itself, and the GTIN of a GS1 Digital Link."""
        return cls(address, frozenset(_GTIN.findall(address)[:1]))


@dataclass(frozen=True)
class Namespaces:
    """What one issuer is trusted for; None for a kind that the trust list does not name."""

    addresses: tuple[str, ...] | None = None
    gtin_prefixes: tuple[str, ...] | None = None
    manufacturer_codes: tuple[str, ...] | None = None

    def to_json(self) -> dict[str, list[str]]:
        """The kinds that are named, as a trust list holds them."""
        values = (self.addresses, self.gtin_prefixes, self.manufacturer_codes)
        return {kind: list(value) for kind, value in zip(KINDS, values, strict=True) if value is not None}

    def cover(self, subject: Identifiers) -> tuple[bool | None, Phrase | None]:
        """Whether every listed kind covers ``subject``, None where an identifier is not known, and why not."""
        unknown = None
        for prefixes, identifiers, key in (
            (self.addresses, frozenset({subject.address}), "address-elsewhere"),
            (self.gtin_prefixes, subject.gtins, "gtin-elsewhere"),
            (self.manufacturer_codes, subject.codes, "code-elsewhere"),
        ):
            if prefixes is None:
                continue
            if not identifiers:
                unknown = unknown or Phrase("namespace-unknown", {"subject": subject.address[:120]})
            elif not all(_COVERS[key](prefixes, identifier) for identifier in identifiers):
                return False, Phrase(key, {"found": sorted(identifiers)[0][:120]})
        return (True, None) if unknown is None else (None, unknown)


FORMS = {
    "addresses": Message("an http(s) address without query and fragment"),
    "gtinPrefixes": Message("1 to 13 digits, as in a GTIN-14 from its second digit on"),
    "manufacturerCodes": Message("three characters, digits or capital letters"),
}


def is_entry(kind: str, text: str) -> bool:
    """Whether ``text`` is a valid entry of ``kind`` in a trust list."""
    if kind == "addresses":
        parts = _split(text)
        return parts is not None and not parts.query and not parts.fragment
    return re.fullmatch(r"[0-9]{1,13}" if kind == "gtinPrefixes" else r"[0-9A-Z]{3}", text, re.ASCII) is not None


def _below(prefixes: Sequence[str], address: str) -> bool:
    parts = _split(address)
    return parts is not None and any(_is_below(prefix, parts) for prefix in prefixes)


def _is_below(prefix: str, parts: SplitResult) -> bool:
    known = _split(prefix)
    if known is None or _origin(known) != _origin(parts):
        return False
    path = known.path.rstrip("/")
    return parts.path == path or parts.path.startswith(path + "/")


def _split(url: str) -> SplitResult | None:
    """The parts of an http(s) URL; None for another, one with user information, or a path that climbs."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc or _CLIMBING.search(parts.path):
        return None
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


_COVERS: dict[str, Callable[[Sequence[str], str], bool]] = {
    "address-elsewhere": _below,
    "gtin-elsewhere": lambda prefixes, gtin: gtin[1:].startswith(tuple(prefixes)),
    "code-elsewhere": lambda codes, code: code[:3] in codes,
}


def judge(namespaces: Namespaces, subjects: Sequence[Identifiers]) -> tuple[bool | None, Phrase | None]:
    """Whether ``namespaces`` cover all ``subjects``, None where that is not known, and why not.

    A credential without a subject that has an id is about nothing that could be covered.
    """
    if not subjects:
        return False, Phrase("no-subject")
    answers = [namespaces.cover(subject) for subject in subjects]
    return min(answers, key=lambda answer: (False, None, True).index(answer[0]))
