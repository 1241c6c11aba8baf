"""Changes of a DID document when a key is added, retired or revoked. Pure: documents in, documents out.

* Everything else in the document stays as it is: services, keys of others, unknown members.
* A *retired* key stays a verification method and stays under ``assertionMethod``: what it signed goes on verifying. It
  leaves every other purpose. It gets no ``expires``: a verifier that follows Controlled Identifiers 1.0, section 2.2,
  verifies nothing at or after that instant, whenever it was signed.
* A *revoked* key stays a verification method too, with its ``revoked`` instant, so every reader sees what became of
  it. It leaves every purpose: no verifier accepts it, not even one that knows nothing of ``revoked`` or is asked about
  an instant in the past. (docs/decisions/0012)

    document = retired(with_key(document, "key-2", key), "key-1")
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.errors import PassportError, ProofError, UsageError
from passport.identity.did import DidResolver
from passport.identity.did_key import PURPOSES
from passport.identity.keys import PublicKey
from passport.linked_data.json_types import as_list
from passport.texts import Message

ASSERTION = "assertionMethod"
_NUMBERED = re.compile(r"key-([0-9]{1,6})\Z")


@dataclass(frozen=True)
class IssuerKey:
    """A key of a DID document as far as rotation needs it.

    :ivar fragment: its name, such as ``key-2``; :ivar multikey: None where it is no key of a known kind.
    :ivar purposes: proof purposes under which the document lists it.
    :ivar revoked: from when on it counts no more, as the document writes it.
    """

    fragment: str
    multikey: str | None
    purposes: frozenset[str]
    revoked: str | None = None

    @property
    def signs(self) -> bool:
        """Whether signatures of this key verify."""
        return ASSERTION in self.purposes and self.revoked is None


def methods(document: Mapping[str, Any]) -> tuple[IssuerKey, ...]:
    """The keys of a DID document, in its order."""
    did = str(document.get("id"))
    keys: dict[str, IssuerKey] = {}
    for entry in _entries(document):
        url = _absolute(str(entry.get("id")), did)
        purposes = frozenset(each for each in PURPOSES if url in _urls(document, each))
        revoked, fragment = entry.get("revoked"), url.partition("#")[2]
        try:
            key = _alone(entry, url, did).verification_method(url, ASSERTION).public_key.multikey
        except PassportError:
            key = None
        keys[fragment] = IssuerKey(fragment, key, purposes, revoked if isinstance(revoked, str) else None)
    return tuple(keys.values())


def as_it_was(document: Mapping[str, Any], fragment: str) -> DidResolver:
    """A resolver that knows one key of the document, in force, whatever has become of it since.

    It tells what a key has signed, and nothing about whether that counts.

    :raises UsageError: there is no key of that name.
    """
    did = str(document.get("id"))
    url = f"{did}#{fragment}"
    for entry in _entries(document):
        if _absolute(str(entry.get("id")), did) == url:
            return _alone(entry, url, did)
    raise UsageError(Message("the DID document has no key {fragment}", fragment=fragment))


def method(document: Mapping[str, Any], fragment: str) -> IssuerKey | None:
    """The key of that name, None where there is none."""
    return next((each for each in methods(document) if each.fragment == fragment), None)


def next_fragment(document: Mapping[str, Any]) -> str:
    """A name that no key of the document has had: ``key-`` and a number above all others."""
    names = [each.fragment for each in methods(document)]
    numbers = [int(match[1]) for name in names if (match := _NUMBERED.match(name))]
    return f"key-{max([*numbers, len(names)]) + 1}"


def with_key(document: Mapping[str, Any], fragment: str, key: PublicKey) -> dict[str, Any]:
    """The document with ``key`` under every purpose.

    :raises UsageError: another key has that name.
    """
    known = method(document, fragment)
    if known is not None:
        if known.multikey == key.multikey and known.signs:
            return copy.deepcopy(dict(document))
        raise UsageError(
            Message("the DID document has another key named {fragment}", fragment=fragment), found=str(known.multikey)
        )
    made, url = copy.deepcopy(dict(document)), f"{document['id']}#{fragment}"
    added = {"id": url, "type": "Multikey", "controller": document["id"], "publicKeyMultibase": key.multikey}
    made["verificationMethod"] = [*as_list(made.get("verificationMethod")), added]
    for purpose in PURPOSES:
        made[purpose] = [*as_list(made.get(purpose)), url]
    return made


def retired(document: Mapping[str, Any], fragment: str) -> dict[str, Any]:
    """The document in which the key of that name verifies what it signed, and serves nothing else.

    :raises UsageError: there is no key of that name.
    """
    return _moved(document, fragment, lambda entry: None, keep=(ASSERTION,))


def revoked(document: Mapping[str, Any], fragment: str, since: datetime) -> dict[str, Any]:
    """The document in which no signature of that key counts.

    :param since: aware instant from which on another party may have had it. An earlier one in the document stays.
    :raises UsageError: there is no key of that name, or ``since`` has no zone.
    """
    if since.tzinfo is None:
        raise UsageError(
            Message("the instant has no time zone"), expected=Message("an aware datetime"), found=str(since)
        )
    text = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def mark(entry: dict[str, Any]) -> None:
        known = entry.get("revoked")
        entry["revoked"] = text if known is None or _instant(known) > since else known

    return _moved(document, fragment, mark, keep=())


def _moved(
    document: Mapping[str, Any], fragment: str, mark: Callable[[dict[str, Any]], None], *, keep: tuple[str, ...]
) -> dict[str, Any]:
    """A copy with the method marked, in ``verificationMethod``, and under no purpose but ``keep``."""
    made, url = copy.deepcopy(dict(document)), f"{document.get('id')}#{fragment}"
    did = str(made.get("id"))
    entries = [entry for name in ("verificationMethod", *PURPOSES) for entry in as_list(made.get(name))]
    methods = [entry for entry in entries if isinstance(entry, dict) and _absolute(str(entry.get("id")), did) == url]
    if len(methods) != 1:
        raise UsageError(
            Message("the DID document has no key {fragment}", fragment=fragment)
            if not methods
            else Message("{url} occurs twice in the DID document", url=url)
        )
    (entry,) = methods
    held = [each for each in as_list(made.get("verificationMethod")) if each is not entry]
    kept = {purpose for purpose in keep if url in _urls(made, purpose)}
    mark(entry)
    made["verificationMethod"] = _in_place(as_list(made.get("verificationMethod")), entry, held)
    for purpose in PURPOSES:
        if purpose in made:
            others = [each for each in as_list(made[purpose]) if _absolute(_url(each), did) != url]
            made[purpose] = [url, *others] if purpose in kept else others
    return made


def _in_place(before: list[Any], entry: dict[str, Any], others: list[Any]) -> list[Any]:
    """``entry`` at its former place; at the end where it was elsewhere, embedded under a purpose."""
    return list(before) if any(each is entry for each in before) else [*others, entry]


def _entries(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The verification methods themselves, from ``verificationMethod`` and from each purpose."""
    listed = [entry for name in ("verificationMethod", *PURPOSES) for entry in as_list(document.get(name))]
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("id"), str)]


def _alone(entry: Mapping[str, Any], url: str, did: str) -> DidResolver:
    method = {key: value for key, value in entry.items() if key not in ("revoked", "expires")}
    document = {"id": did, "verificationMethod": [{**method, "id": url}], ASSERTION: [url]}
    return DidResolver({did: document})


def _url(entry: Any) -> str:
    return str(entry.get("id")) if isinstance(entry, dict) else str(entry)


def _urls(document: Mapping[str, Any], purpose: str) -> set[str]:
    did = str(document.get("id"))
    return {_absolute(_url(entry), did) for entry in as_list(document.get(purpose))}


def _absolute(reference: str, did: str) -> str:
    return did + reference if reference.startswith("#") else reference


def _instant(text: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        instant = None
    if instant is None or instant.tzinfo is None:
        raise ProofError(
            Message("revoked of a verification method"), expected=Message("a time with its zone"), found=repr(text)[:80]
        )
    return instant
