"""One canonical spelling of a GS1 key: ``https://id.gs1.org/01/{GTIN-14}/21/{serial}`` and the like.

CBV hash ids are computed over this spelling, so that an EPC URN and a GS1 Digital Link of any host give one id. It
keeps the finest level only (a serial without its batch) and no query.

Sources: GS1 EPC Tag Data Standard 2.0 (EPC URNs); GS1 Digital Link Standard: URI Syntax; CBV 2.0 section 8.9.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from passport.battery.identifiers.address import check_digit

_HOST = "https://id.gs1.org"
_CHARACTER = r"(?:%[0-9A-Fa-f]{2}|[!')(*+,.0-9:;=A-Za-z_-])"
_ESCAPES = {character: f"%{ord(character):02X}" for character in "!()*+,:"}
#: Short names of the GS1 Digital Link syntax, and the application identifiers that they denote.
_SHORT_NAMES: Mapping[str, str] = {
    "gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417", "gsrnp": "8017", "gsrn": "8018",
    "gcn": "255", "sscc": "00", "gdti": "253", "ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004",
    "cpv": "22", "lot": "10", "ser": "21",
}  # fmt: skip
_KEYS = ("00", "01", "253", "255", "401", "402", "414", "417", "8003", "8004", "8006", "8010", "8017", "8018")
_NAMES = "|".join((*_KEYS, *(name for name, key in _SHORT_NAMES.items() if key in _KEYS)))
_LINK = re.compile(rf"https?:(?://[^/?#]*)?(?:[^?#]*)/(?:{_NAMES})/\d{{4}}[^/]", re.ASCII)
_TEXT = r"[\x22\x27\x2D\x2E\x30-\x39\x3B-\x3F\x41-\x5A\x5F\x61-\x7A]"
_PART = r"[\x23\x2D\x2F\x30-\x39\x41-\x5A]{0,30}"
_CANONICAL = re.compile(
    rf"/00/\d{{18}}|/01/\d{{14}}(?:/(?:21|10)/{_TEXT}{{0,20}}|/235/{_TEXT}{{0,28}})?|/253/\d{{13}}{_TEXT}{{0,17}}"
    rf"|/255/\d{{13,25}}|/401/{_TEXT}{{0,30}}|/402/\d{{17}}|/414/\d{{13}}(?:/254/{_TEXT}{{0,20}})?|/417/\d{{13}}"
    rf"|/8003/\d{{14}}{_TEXT}{{0,16}}|/8004/{_TEXT}{{0,30}}|/8006/\d{{18}}(?:/(?:21|10)/{_TEXT}{{0,20}})?"
    rf"|/8010/{_PART}(?:/8011/\d{{0,12}})?|/80(?:17|18)/\d{{18}}",
    re.ASCII,
)


@dataclass(frozen=True)
class _Urn:
    """One scheme of EPC URNs.

    :param digits: of the company prefix and the reference together; 0 where the reference is text.
    :param turned: whether the first digit of the reference comes before the company prefix.
    :param tail: pattern of what follows the reference, with its stop.
    :param key: application identifier.
    :param qualifier: text between the key and the tail.
    :param lead: what precedes the digits.
    """

    digits: int
    turned: bool
    tail: str
    key: str
    qualifier: str = ""
    lead: str = ""


def _serial(length: int) -> str:
    return rf"\.({_CHARACTER}{{1,{length}}})"


_URNS: Mapping[str, _Urn] = {
    "id:sgtin": _Urn(13, True, _serial(20), "01", "/21/"),
    "id:sscc": _Urn(17, True, "()", "00"),
    "id:sgln": _Urn(12, False, _serial(20), "414", "/254/"),
    "id:grai": _Urn(12, False, _serial(16), "8003", lead="0"),
    "id:gsrn": _Urn(17, False, "()", "8018"),
    "id:gsrnp": _Urn(17, False, "()", "8017"),
    "id:gdti": _Urn(12, False, _serial(19), "253"),
    "id:sgcn": _Urn(12, False, r"\.(\d{1,12})", "255"),
    "id:gsin": _Urn(16, False, "()", "402"),
    "id:upui": _Urn(13, True, _serial(28), "01", "/235/"),
    "id:pgln": _Urn(12, False, "()", "417"),
    "class:lgtin": _Urn(13, True, _serial(20), "01", "/10/"),
    "idpat:sgtin": _Urn(13, True, r"\.\*()", "01"),
    "idpat:upui": _Urn(13, True, r"\.\*()", "01"),
    "idpat:grai": _Urn(12, False, r"\.\*()", "8003", lead="0"),
    "idpat:gdti": _Urn(12, False, r"\.\*()", "253"),
    "idpat:sgcn": _Urn(12, False, r"\.\*()", "255"),
}
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(\d{6,12})\.(.*)", re.ASCII)


def canonical(iri: str) -> str | None:
    """The canonical spelling of a GS1 key; None where the text is none."""
    urn = _URN.fullmatch(iri)
    return _of_urn(f"{urn[1]}:{urn[2]}", urn[3], urn[4]) if urn else _of_link(iri)


def _of_urn(scheme: str, company: str, rest: str) -> str | None:
    if scheme in ("id:giai", "id:ginc"):
        matched = re.fullmatch(rf"{_CHARACTER}{{1,{30 - len(company)}}}", rest)
        return f"{_HOST}/{'8004' if scheme == 'id:giai' else '401'}/{company}{_escaped(rest)}" if matched else None
    if scheme in ("id:itip", "idpat:itip"):
        tail = r"\.\*()" if scheme == "idpat:itip" else _serial(20)
        parts = re.fullmatch(rf"(\d{{{13 - len(company)}}})\.(\d\d)\.(\d\d){tail}", rest, re.ASCII)
        if parts is None:
            return None
        qualifier = f"/21/{_escaped(parts[4])}" if parts[4] else ""
        return f"{_HOST}/8006/{_with_check(parts[1][0] + company + parts[1][1:])}{parts[2]}{parts[3]}{qualifier}"
    if scheme in ("id:cpi", "idpat:cpi"):
        tail = r"\*" if scheme == "idpat:cpi" else r"\d{1,12}"
        length = 30 - len(company)
        parts = re.fullmatch(rf"((?:%[0-9A-Fa-f]{{2}}|[0-9A-Z-]){{1,{length}}})\.({tail})", rest, re.ASCII)
        if parts is None:
            return None
        return f"{_HOST}/8010/{company}{_escaped(parts[1])}" + (f"/8011/{parts[2]}" if parts[2] != "*" else "")
    urn = _URNS.get(scheme)
    if urn is None:
        return None
    parts = re.fullmatch(rf"(\d{{{urn.digits - len(company)}}}){urn.tail}", rest, re.ASCII)
    if parts is None:
        return None
    reference, serial = parts[1], _escaped(parts[2])
    digits = reference[:1] + company + reference[1:] if urn.turned else company + reference
    # The extension 0 of a location means that there is none. (GS1 EPC Tag Data Standard, SGLN)
    tail = "" if not serial or (scheme == "id:sgln" and serial == "0") else urn.qualifier + serial
    return f"{_HOST}/{urn.key}/{_with_check(urn.lead + digits)}{tail}"


def _with_check(digits: str) -> str:
    return digits + check_digit(digits)


def _escaped(text: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in text)


def _of_link(iri: str) -> str | None:
    # A host without a stop (localhost) is no domain name: such links stay as they are.
    if "." not in iri or not _LINK.match(iri):
        return None
    path = iri.partition("?")[0]
    for name, key in _SHORT_NAMES.items():
        path = path.replace(f"/{name}/", f"/{key}/")
    start = next((place for key in _KEYS if (place := path.find(f"/{key}/")) >= 0), -1)
    if start < 0:
        return None
    path = path[start:]
    padded = re.match(r"/01/(\d+)(.*)", path, re.ASCII | re.DOTALL)
    if padded and len(padded[1]) in (8, 12, 13):
        path = f"/01/{padded[1].zfill(14)}{padded[2]}"
    path = re.sub(rf"^(/(?:01/\d{{14}}|8006/\d{{18}}))/22/{_TEXT}{{0,20}}(?=/|$)", r"\1", path)
    path = re.sub(rf"^(/(?:01/\d{{14}}|8006/\d{{18}}))/10/{_TEXT}{{0,20}}(/21/{_TEXT}{{0,20}})$", r"\1\2", path)
    return _HOST + path if _CANONICAL.fullmatch(path) else None
