"""Identities of enterprises as credentials, both ways: ``EnterpriseIdentityCredential`` of a registrar about one DID.

It says which enterprise has the DID: legal name, registered identifiers with their check characters, country, roles,
provinces and markets, and what is its own: manufacturer codes (GB/T 34014), GTIN prefixes, addresses of its resolvers.
It is signed whole and public. Accreditations and roles of the same DID hang on it; none of its terms is defined twice.

    unsigned = unsigned_identity(id, issuer, Enterprise(did="did:web:maker.example", …), valid_from, valid_until)
    read_identity(signed).registered[PartyScheme.LEI]

The keys of the DID are not in it: they change more often (:mod:`passport.directory.listing`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from urllib.parse import urlsplit

from passport.battery.identifiers.address import check_base_url
from passport.battery.identifiers.party_identifier import NAMES, PartyScheme, parse
from passport.credentials import credential as vcdm
from passport.credentials import namespaces
from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, date_time
from passport.credentials.namespaces import Namespaces
from passport.errors import FaultyRecord, PassportError, UsageError
from passport.identity.did import DidResolver, is_computed
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, error_text
from passport.vocabulary.credential_types import IDENTITY
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.party_members import ENTERPRISE, REGISTERED
from passport.vocabulary.vocabulary import load

SUBJECT_TYPE = "Enterprise"
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_PROVINCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.ASCII)
_GTIN_PREFIX = re.compile(r"[0-9]{4,13}", re.ASCII)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.ASCII)
#: Characters of a name, and entries of a list, at most.
MAX_NAME, MAX_ENTRIES = 200, 100


@dataclass(frozen=True)
class Enterprise:
    """What a registrar states of an enterprise.

    :ivar did: the DID that is its own.
    :ivar legal_name: by language, at least one.
    :ivar registered: identifiers by scheme, checked.
    :ivar registration_number: of a register without a scheme here, with the name of the register.
    :ivar country: ISO 3166-1 alpha-2.
    :ivar roles: codes of the list ``actorRole``.
    :ivar provinces: ISO 3166-2; :ivar markets: ``EU`` or ISO 3166-1; where it is active.
    :ivar manufacturer_codes: positions 1-3 of GB/T 34014; :ivar gtin_prefixes: digits from the second of a GTIN-14 on.
    :ivar resolvers: addresses under which its passports are found.
    """

    did: str
    legal_name: Mapping[str, str]
    country: str
    roles: tuple[str, ...]
    registered: Mapping[PartyScheme, str] = field(default_factory=lambda: MappingProxyType({}))
    registration_number: str | None = None
    provinces: tuple[str, ...] = ()
    markets: tuple[str, ...] = ()
    manufacturer_codes: tuple[str, ...] = ()
    gtin_prefixes: tuple[str, ...] = ()
    resolvers: tuple[str, ...] = ()
    web_address: str | None = None

    def named(self, language: str) -> str:
        """Its name in a language, else in English, else in any."""
        names = self.legal_name
        return names.get(language) or names.get("en") or next(iter(names.values()))

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code by which it is found."""
        return (
            *self.registered.values(),
            *filter(None, [self.registration_number]),
            *self.manufacturer_codes,
            *self.gtin_prefixes,
        )

    @property
    def regions(self) -> frozenset[str]:
        """Country, markets, provinces, and the countries of the provinces."""
        return frozenset({self.country, *self.markets, *self.provinces, *(each[:2] for each in self.provinces)})

    def namespaces(self) -> Namespaces | None:
        """What it may speak of, as a trust list narrows an issuer; None where nothing is stated as its own."""
        listed = (self.resolvers, self.gtin_prefixes, self.manufacturer_codes)
        return Namespaces(*(tuple(sorted(each)) or None for each in listed)) if any(listed) else None


def check_enterprise(enterprise: Enterprise) -> None:
    """Refuse what no identity may state.

    :raises UsageError: a name, code, role or address is not what it should be.
    :raises MalformedIdentifier: an identifier fails the check of its scheme.
    :raises MalformedKey: the DID is a did:key or did:jwk that holds no key.
    """
    if not enterprise.did.startswith("did:"):
        raise UsageError(
            Message("the enterprise is not named by a DID"),
            expected=Message("did:web:…"),
            found=repr(enterprise.did)[:80],
        )
    if is_computed(enterprise.did):
        DidResolver().resolve(enterprise.did)
    if not enterprise.legal_name or not all(_is_name(text) for text in enterprise.legal_name.values()):
        raise UsageError(
            Message("an identity needs the legal name of the enterprise"),
            expected=Message("at most {count} characters", count=MAX_NAME),
        )
    for scheme, code in enterprise.registered.items():
        parse(scheme, code)
    if not enterprise.registered and not (enterprise.registration_number or "").strip():
        raise UsageError(
            Message("an identity needs a registered identifier"),
            expected=Message("one of {codes}", codes=[*PartyScheme, "registration"]),
        )
    for problem in _faults_of(enterprise):
        raise UsageError(problem[1], found=problem[2])


def unsigned_identity(
    id_: str,
    issuer: str,
    enterprise: Enterprise,
    valid_from: datetime,
    valid_until: datetime,
    entries: Sequence[JsonObject] = (),
) -> JsonObject:
    """The credential, still unsigned. :param entries: its ``credentialStatus``."""
    members = {
        "id": enterprise.did,
        "type": SUBJECT_TYPE,
        "legalName": dict(sorted(enterprise.legal_name.items())),
        **{scheme.term: code for scheme, code in enterprise.registered.items()},
        "registrationNumber": enterprise.registration_number,
        "addressCountry": enterprise.country,
        "actorRole": list(enterprise.roles),
        "operatingProvince": sorted(enterprise.provinces),
        "operatingMarket": sorted(enterprise.markets),
        "manufacturerCode": sorted(enterprise.manufacturer_codes),
        "gtinPrefix": sorted(enterprise.gtin_prefixes),
        "resolverAddress": sorted(enterprise.resolvers),
        "webAddress": enterprise.web_address,
    }
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id_,
        "type": [VERIFIABLE_CREDENTIAL, IDENTITY],
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        **({"credentialStatus": list(entries)} if entries else {}),
        "credentialSubject": {name: value for name, value in members.items() if value},
    }


def read_identity(document: JsonObject) -> Enterprise:
    """The enterprise that a credential states. Proof, issuer and status are for others to check.

    :raises FaultyRecord: it is no identity, with every fault and its pointer.
    """
    faults: list[IdentityFault] = []
    if vcdm.types(document) != (VERIFIABLE_CREDENTIAL, IDENTITY):
        faults.append(IdentityFault("/type", Message("expected {type}", type=IDENTITY)))
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        faults.append(IdentityFault("/credentialSubject", Message("expected a JSON object")))
        subject = {}
    at = "/credentialSubject"
    for name in sorted(subject.keys() - ENTERPRISE.keys() - {"id", "type"}):
        faults.append(IdentityFault(f"{at}/{name}"[:120], Message("there is no member of this name")))
    if subject.get("type") != SUBJECT_TYPE:
        faults.append(IdentityFault(f"{at}/type", Message("expected {type}", type=SUBJECT_TYPE)))
    names = subject.get("legalName")
    if not isinstance(names, dict) or not all(
        isinstance(text, str) and _LANGUAGE.fullmatch(tag) for tag, text in names.items()
    ):
        faults.append(IdentityFault(f"{at}/legalName", Message("expected a name in each language")))
        names = {"en": "-"}
    texts = {}
    for name in (*REGISTERED, "addressCountry", "webAddress"):
        value = subject.get(name)
        if value is not None and not isinstance(value, str):
            faults.append(IdentityFault(f"{at}/{name}", Message("expected a text")))
        texts[name] = value if isinstance(value, str) else None
    lists = {name: _listed(subject, name, faults) for name in _LISTS}
    enterprise = Enterprise(
        did=subject["id"] if isinstance(subject.get("id"), str) else "",
        legal_name=MappingProxyType(dict(names)),
        country=texts["addressCountry"] or "",
        roles=lists["actorRole"],
        registered=MappingProxyType(
            {scheme: code for scheme in PartyScheme if (code := texts[scheme.term]) is not None}
        ),
        registration_number=texts["registrationNumber"],
        provinces=lists["operatingProvince"],
        markets=lists["operatingMarket"],
        manufacturer_codes=lists["manufacturerCode"],
        gtin_prefixes=lists["gtinPrefix"],
        resolvers=lists["resolverAddress"],
        web_address=texts["webAddress"],
    )
    if not faults:
        try:
            check_enterprise(enterprise)
        except PassportError as error:
            faults.append(IdentityFault(at, error_text(error)))
    if faults:
        raise FaultyRecord(
            Message("the identity has {n} fault", plural="the identity has {n} faults", n=len(faults)), tuple(faults)
        )
    return enterprise


@dataclass(frozen=True)
class IdentityFault:
    """:ivar pointer: JSON pointer into the credential; :ivar message: what is wrong there."""

    pointer: str
    message: Message


_LISTS = (
    "actorRole", "operatingProvince", "operatingMarket", "manufacturerCode", "gtinPrefix", "resolverAddress",
)  # fmt: skip


def _listed(subject: JsonObject, name: str, faults: list[IdentityFault]) -> tuple[str, ...]:
    value = subject.get(name, [])
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_ENTRIES or not all(isinstance(text, str) for text in values):
        faults.append(IdentityFault(f"/credentialSubject/{name}", Message("expected a list of texts")))
        return ()
    return tuple(values)


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_NAME


def _faults_of(enterprise: Enterprise) -> Iterable[tuple[str, Message, str]]:
    """What is wrong with codes and addresses: member, sentence, and the value."""
    if not _COUNTRY.fullmatch(enterprise.country):
        yield "addressCountry", Message("this is no country code of two letters"), repr(enterprise.country)[:40]
    known = {code.code for code in load().enumerations["actorRole"].codes}
    for role in enterprise.roles:
        if role not in known:
            yield "actorRole", Message("unknown {name}", name=Message("role")), repr(role)[:40]
    if not enterprise.roles:
        yield "actorRole", Message("an identity needs a role"), "-"
    for name, good, values in (
        ("operatingProvince", _PROVINCE.fullmatch, enterprise.provinces),
        ("operatingMarket", _COUNTRY.fullmatch, enterprise.markets),
        ("manufacturerCode", _is_manufacturer_code, enterprise.manufacturer_codes),
        ("gtinPrefix", _GTIN_PREFIX.fullmatch, enterprise.gtin_prefixes),
        ("resolverAddress", is_resolver_address, enterprise.resolvers),
        ("webAddress", _is_address, tuple(filter(None, [enterprise.web_address]))),
    ):
        for value in values:
            if not good(value):
                yield name, Message("{name} has another form", name=name), repr(value)[:80]


def _is_manufacturer_code(text: str) -> bool:
    return namespaces.is_entry("manufacturerCodes", text)


def is_resolver_address(text: str) -> bool:
    """Whether passports can be published there: https, or plain http on this machine, as in a demo."""
    return _is_address(text) or (_is_base(text) and urlsplit(text).hostname in _LOOPBACK)


def _is_address(text: str) -> bool:
    return _is_base(text) and text.startswith("https://")


def _is_base(text: str) -> bool:
    try:
        return check_base_url(text) == text
    except PassportError:
        return False


def registered_lines(enterprise: Enterprise) -> tuple[tuple[Message, str], ...]:
    """Name and value of each registered identifier, for people."""
    lines = [(NAMES[scheme], code) for scheme, code in enterprise.registered.items()]
    if enterprise.registration_number:
        lines.append((Message("registration"), enterprise.registration_number))
    return tuple(lines)


def fits_code(enterprise: Enterprise, text: str) -> bool:
    """Whether a code is the enterprise's own: an identifier, or a GTIN or plate code that begins as its own do."""
    if text in enterprise.codes or text == enterprise.did:
        return True
    if text.isascii() and text.isdigit() and len(text) == 14:
        return text[1:].startswith(enterprise.gtin_prefixes) if enterprise.gtin_prefixes else False
    return len(text) in (19, 24) and text[:3] in enterprise.manufacturer_codes


__all__ = [
    "Enterprise", "IdentityFault", "check_enterprise", "fits_code", "is_resolver_address", "read_identity",
    "registered_lines", "unsigned_identity",
]  # fmt: skip
