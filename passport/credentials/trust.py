"""Who may sign what: the trust list, and policies in general.

A trust list is a file that a verifier keeps, and never a part of a document::

    {"issuers": [{"id": "did:web:maker.example.com",
                  "name": {"en": "Example Co., Ltd.", "zh": "…"},
                  "trustedFor": ["BatteryModelCredential", "BatteryPassportCredential"],
                  "regimes": ["eu", "cn"],
                  "didDocument": {…}}]}

* An issuer is trusted for the credential types that its entry names, and for nothing else; a credential with two
  types needs both. An empty list trusts no issuer.
* ``namespaces`` narrows the subjects that it may speak of (:mod:`~passport.credentials.namespaces`); an entry without
  it is trusted for any subject, and the result says so.
* ``audiences`` narrows the audiences to which an issuer of role credentials may admit (``["legitimate-interest"]``).
* ``didDocument`` pins a did:web issuer's keys. A DID document from anywhere else may make a signature verify; it never
  shows that the issuer is who it says.
* ``schemes`` narrows the certification schemes under which its attestations count.
* ``directory`` names the directory of enterprises from which the entry was made, with its number; on the entry of its
  registrar, the last one that was used (:mod:`passport.directory.trust_policy`). It decides nothing here.
* ``successors`` names the DIDs whose status lists count for what this issuer issued, since it is gone itself. They sign
  no credential in its name.
* ``pinnedOn`` says on which day the document was taken. It decides nothing.
* The file is refused whole where anything in it has the wrong shape, and the message names the place: a misspelt key
  must not turn into an issuer that is trusted for more or for less than was meant.

A caller hands the policy to the verifier; there is no default. To have none, type :class:`UnsafeAnyIssuer`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

from passport.credentials import namespaces
from passport.credentials.credential import VERIFIABLE_CREDENTIAL
from passport.credentials.namespaces import Identifiers, Namespaces
from passport.credentials.wording import Phrase, shortened
from passport.errors import MalformedTrustList, PassportError
from passport.identity import DidResolver
from passport.identity.did import is_computed, methods_for
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

_KEYS = {
    "id", "name", "trustedFor", "regimes", "didDocument", "audiences", "namespaces", "pinnedOn", "schemes", "directory",
    "successors",
}  # fmt: skip
_REQUIRED = {"id", "name", "trustedFor"}


@dataclass(frozen=True)
class Acceptance:
    """Whether a policy accepts an issuer, None where it cannot tell, and why."""

    accepted: bool | None
    reason: Phrase


class Policy(Protocol):
    """Decides whose signature counts, for which credentials."""

    def accepts(self, issuer_id: str, credential_types: Sequence[str]) -> Acceptance:
        """Whether credentials of these types from this issuer are accepted."""

    def covers(self, issuer_id: str, subjects: Sequence[Identifiers]) -> Acceptance:
        """Whether the issuer, accepted for the types of a credential, is accepted for its subjects."""


@dataclass(frozen=True)
class TrustedIssuer:
    """One entry of a trust list.

    :param name: by language, at least ``en``.
    :param trusted_for: credential types; without ``VerifiableCredential``, which says nothing.
    :param regimes: codes such as ``eu``, ``cn``; empty where the entry does not say.
    :param audiences: codes of the audiences for which its role credentials count; None where the entry does not say.
    :param did_document: the pinned document; None for a did:key or did:jwk, whose document is computed.
    :param namespaces: the subjects that it may speak of; None for any.
    :param pinned_on: day on which ``did_document`` was taken from its owner; None where the entry does not say. It
        decides nothing: it tells a person how old the keys in the list are.
    :param schemes: IRIs of the certification schemes for which its attestations count; None where the entry does not
        say.
    :param successors: DIDs whose status lists count for its credentials too.
    :param directory: address of the directory that the entry was made from; None for an entry made by hand.
    """

    id: str
    name: Mapping[str, str]
    trusted_for: frozenset[str]
    regimes: frozenset[str] = frozenset()
    did_document: Mapping[str, Any] | None = None
    audiences: frozenset[str] | None = None
    namespaces: Namespaces | None = None
    pinned_on: date | None = None
    schemes: frozenset[str] | None = None
    directory: str | None = None
    successors: frozenset[str] = frozenset()

    def named(self, language: str = "en") -> str:
        """The name in ``language``, in English where there is none."""
        return self.name.get(language) or self.name["en"]

    def to_json(self) -> JsonObject:
        """The entry as a trust list holds it; what it does not say is left out."""
        known: dict[str, Any] = {
            "id": self.id,
            "name": dict(self.name),
            "trustedFor": sorted(self.trusted_for),
            "regimes": sorted(self.regimes),
            "audiences": None if self.audiences is None else sorted(self.audiences),
            "namespaces": None if self.namespaces is None else self.namespaces.to_json(),
            "didDocument": None if self.did_document is None else dict(self.did_document),
            "pinnedOn": None if self.pinned_on is None else self.pinned_on.isoformat(),
        }
        return {key: value for key, value in known.items() if value is not None}


@dataclass(frozen=True)
class TrustList:
    """The issuers a verifier trusts. It is a :class:`Policy`.

    :param source: what to call the list in messages, usually its path; None where it has no name worth telling.
    """

    issuers: tuple[TrustedIssuer, ...] = ()
    source: str | None = None
    _by_id: Mapping[str, TrustedIssuer] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_id", MappingProxyType({issuer.id: issuer for issuer in self.issuers}))

    @classmethod
    def load(cls, path: Path | str) -> TrustList:
        """The trust list in the file ``path``.

        :raises MalformedTrustList: missing, not JSON, or of another shape.
        """
        try:
            with Path(path).open("rb") as file:
                data = file.read(strict_json.MAX_BYTES + 1)
        except OSError as error:
            raise MalformedTrustList(
                Message("{path} cannot be read: {strerror}", path=path, strerror=error.strerror),
                hint=Message("A trust list says who may sign. The demo makes one: passport demo --no-serve"),
            ) from None
        try:
            document = strict_json.loads(data)
        except PassportError as error:
            raise MalformedTrustList(Message("{path} is not JSON: {error}", path=path, error=error)) from None
        return cls.from_json(document, source=str(path))

    @classmethod
    def from_json(cls, document: Any, *, source: str | None = None) -> TrustList:
        """The trust list that ``document`` says.

        :raises MalformedTrustList: of another shape; the message names ``source`` and the place in it.
        """
        place = _Place(source or Message("the trust list"))
        content = place.object(document, {"issuers"}, {"issuers"})
        entries = place.at("issuers").list(content["issuers"])
        issuers = tuple(_issuer(place.at(f"issuers[{n}]"), entry) for n, entry in enumerate(entries))
        seen: set[str] = set()
        for number, issuer in enumerate(issuers):
            if issuer.id in seen:
                raise place.at(f"issuers[{number}].id").fault(Message("each issuer once"), issuer.id)
            seen.add(issuer.id)
        return cls(issuers, source)

    def to_json(self) -> JsonObject:
        """The list as a file holds it; :meth:`from_json` reads it again."""
        return {"issuers": [issuer.to_json() for issuer in self.issuers]}

    def issuer(self, did: str) -> TrustedIssuer | None:
        """The entry of ``did``, None where it is not on the list."""
        return self._by_id.get(did)

    def did_documents(self) -> dict[str, JsonObject]:
        """The pinned DID documents, for a :class:`~passport.identity.did.DidResolver`."""
        return {issuer.id: dict(issuer.did_document) for issuer in self.issuers if issuer.did_document is not None}

    def accepts(self, issuer_id: str, credential_types: Sequence[str]) -> Acceptance:
        issuer = self.issuer(issuer_id)
        values: dict[str, Any]
        if issuer is None:
            values = {"issuer": shortened(issuer_id), "source": self.source}
            return Acceptance(False, Phrase("not-on-the-list" if self.source is None else "not-listed", values))
        values = {"issuer": issuer.name, "source": self.source or Phrase("the-trust-list")}
        kinds = [name for name in credential_types if name != VERIFIABLE_CREDENTIAL]
        if missing := [name for name in kinds if name not in issuer.trusted_for]:
            return Acceptance(False, Phrase("not-trusted-for", {**values, "kinds": missing}))
        if not kinds:
            # Nothing says what kind of credential this is, so no issuer can be trusted for it.
            return Acceptance(False, Phrase("no-kind", values))
        return Acceptance(True, Phrase("listed" if self.source else "listed-here", values))

    def successors(self, issuer_id: str) -> frozenset[str]:
        """DIDs whose status lists count for the credentials of an issuer besides its own."""
        issuer = self.issuer(issuer_id)
        return frozenset() if issuer is None else issuer.successors

    def covers(self, issuer_id: str, subjects: Sequence[Identifiers]) -> Acceptance:
        issuer = self.issuer(issuer_id)
        named = {"issuer": shortened(issuer_id) if issuer is None else issuer.name}
        if issuer is None or issuer.namespaces is None:
            return Acceptance(issuer is not None, Phrase("any-subject", named))
        covered, why = namespaces.judge(issuer.namespaces, subjects)
        return Acceptance(covered, why or Phrase("own-subject", named))


@dataclass(frozen=True)
class UnsafeAnyIssuer:
    """Accepts every issuer. For demonstrations and test suites: a passport from an arbitrary signer proves nothing."""

    def accepts(self, issuer_id: str, credential_types: Sequence[str]) -> Acceptance:
        return Acceptance(True, Phrase("any-issuer", {"issuer": shortened(issuer_id)}))

    def covers(self, issuer_id: str, subjects: Sequence[Identifiers]) -> Acceptance:
        return Acceptance(True, Phrase("any-subject", {"issuer": shortened(issuer_id)}))


def _issuer(place: _Place, entry: Any) -> TrustedIssuer:
    content = place.object(entry, _REQUIRED, _KEYS)
    did = place.at("id").text(content["id"])
    if not did.startswith("did:"):
        raise place.at("id").fault(Message("a DID"), did)
    if is_computed(did):
        try:
            DidResolver().resolve(did)
        except PassportError as error:
            raise place.at("id").fault(Message("a did:key or did:jwk that holds a key"), str(error)) from None
    names = place.at("name").object(content["name"], {"en"}, None)
    name = {language: place.at(f"name.{language}").text(text) for language, text in names.items()}
    document = content.get("didDocument")
    if document is not None:
        document = _did_document(place.at("didDocument"), did, document)
    return TrustedIssuer(
        did,
        MappingProxyType(name),
        place.at("trustedFor").texts(content["trustedFor"]),
        place.at("regimes").texts(content.get("regimes", [])),
        document,
        place.at("audiences").texts(content["audiences"]) if "audiences" in content else None,
        _namespaces(place.at("namespaces"), content["namespaces"]) if "namespaces" in content else None,
        _day(place.at("pinnedOn"), content["pinnedOn"]) if "pinnedOn" in content else None,
        place.at("schemes").texts(content["schemes"]) if "schemes" in content else None,
        place.at("directory").text(content["directory"]) if "directory" in content else None,
        place.at("successors").texts(content.get("successors", [])),
    )


def _day(place: _Place, text: Any) -> date:
    try:
        return date.fromisoformat(place.text(text))
    except ValueError:
        raise place.fault(Message("a day such as 2027-03-08"), repr(text)[:80]) from None


def _namespaces(place: _Place, value: Any) -> Namespaces:
    content = place.object(value, set(), set(namespaces.KINDS))
    if not content:
        raise place.fault(
            Message("one of {names}", names=", ".join(namespaces.KINDS)),
            Message("none; leave namespaces out to trust for any"),
        )
    by_kind: dict[str, tuple[str, ...] | None] = dict.fromkeys(namespaces.KINDS)
    for kind, entries in content.items():
        texts = sorted(place.at(kind).texts(entries))
        for text in texts:
            if not namespaces.is_entry(kind, text):
                raise place.at(kind).fault(namespaces.FORMS[kind], text[:80])
        by_kind[kind] = tuple(texts)
    return Namespaces(*(by_kind[kind] for kind in namespaces.KINDS))


def _did_document(place: _Place, did: str, document: Any) -> Mapping[str, Any]:
    content = place.object(document, {"id"}, None)
    if is_computed(did):
        raise place.fault(Message("none for a did:key or did:jwk, whose document is computed"), Message("one"))
    if content["id"] != did:
        raise place.at("id").fault(did, str(content["id"])[:80])
    resolver = DidResolver({did: content})
    try:
        urls = sorted(methods_for(content, "assertionMethod"))
    except PassportError as error:
        raise place.fault(Message("a key under assertionMethod"), str(error)) from None
    for url in urls:
        try:
            # Long before any expiry: whether the key still counts is asked when something is verified.
            resolver.verification_method(url, "assertionMethod", at=datetime(1, 1, 1, tzinfo=UTC))
            return content
        except PassportError:
            continue
    raise place.fault(Message("a key under assertionMethod"), Message("none that can be used"))


@dataclass(frozen=True)
class _Place:
    """A place in the file, which each fault names."""

    source: str
    path: str = ""

    def at(self, step: str) -> _Place:
        return _Place(self.source, f"{self.path}.{step}" if self.path else step)

    def fault(self, expected: str, found: str) -> MalformedTrustList:
        where = Message("{source}, {place}", source=self.source, place=self.path) if self.path else self.source
        return MalformedTrustList(where, expected=expected, found=found)

    def object(self, value: Any, required: set[str], allowed: set[str] | None) -> JsonObject:
        if not isinstance(value, dict):
            raise self.fault(Message("an object"), type(value).__name__)
        if missing := sorted(required - value.keys()):
            raise self.at(missing[0]).fault(Message("a value"), Message("nothing"))
        if allowed is not None and (unknown := sorted(value.keys() - allowed)):
            raise self.at(unknown[0][:80]).fault(
                Message("one of {names}", names=", ".join(sorted(allowed))), Message("an unknown key")
            )
        return value

    def list(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.fault(Message("a list"), type(value).__name__)
        return value

    def text(self, value: Any) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.fault(Message("a text"), repr(value)[:80] if isinstance(value, str) else type(value).__name__)
        return value

    def texts(self, value: Any) -> frozenset[str]:
        return frozenset(self.at(f"[{n}]").text(entry) for n, entry in enumerate(self.list(value)))
