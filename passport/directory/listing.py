"""The directory: all identities of a registrar with their standing, and their keys over time.

* Everything follows from the changes in their order (:func:`directory_of`): the newest identity of each DID, whether it
  counts and since when, and each key that its DID documents ever named.
* What a registrar signs is the list: ``EnterpriseDirectoryCredential`` names each identity by id and digest. So a
  reader can tell that none was left out, and a cache may keep it until ``validUntil``.
* A file of the directory is a presentation: the list, the identities in force, their status lists, and the DID
  documents. ``passport verify`` verifies it like any other file.
* A key that a DID document no longer names counts as retired; one that it marks as revoked never counts.

    directory = directory_of(store.directory_changes())
    unsigned_directory(address, registrar, directory, at, until)
    read_directory(signed).entries[0].keys
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, date_time
from passport.credentials.digests import digest_of
from passport.directory.enterprise import Enterprise, read_identity
from passport.errors import FaultyRecord, MalformedCredential, PassportError
from passport.identity import did_rotation, did_web
from passport.identity.did import DidResolver, is_computed
from passport.identity.multikey import decode_multikey
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.directory.directory_rows import ChangeKind, DirectoryChange
from passport.texts import Message
from passport.vocabulary.credential_types import DIRECTORY
from passport.vocabulary.derivation.derived_context import CONTEXT

#: Path of the directory under the base URL of its registrar.
PATH = "/directory"
VALID, SUSPENDED, REVOKED = "valid", "suspended", "revoked"
IN_USE, RETIRED, KEY_REVOKED = "inUse", "retired", "revoked"
#: A purpose that a key in use has, and a retired one has not (:mod:`passport.identity.did_rotation`).
_NOW = "authentication"
#: Identities in one directory.
MAX_LISTED = 20_000


@dataclass(frozen=True)
class ListedKey:
    """One key of an enterprise.

    :ivar method: URL of the verification method; :ivar multikey: the public key.
    :ivar standing: code of the list ``keyStanding``.
    :ivar since: when the registrar first saw it; :ivar standing_since: when it first saw it with this standing.
    """

    method: str
    multikey: str
    standing: str
    since: datetime
    standing_since: datetime


@dataclass(frozen=True)
class ListedIdentity:
    """One enterprise of the directory.

    :ivar document: the signed identity; :ivar digest: of it.
    :ivar standing: code of the list ``identityStanding``; :ivar since: since when.
    :ivar did_document: the newest one; None for a DID whose document is computed, or that is not known.
    """

    enterprise: Enterprise
    document: JsonObject
    digest: str
    standing: str
    since: datetime
    keys: tuple[ListedKey, ...] = ()
    did_document: JsonObject | None = None

    @property
    def credential(self) -> str:
        """Id of the identity."""
        return str(self.document["id"])

    def counts(self, at: datetime) -> bool:
        """Whether it is in force at an instant: neither withdrawn nor outside its validity."""
        starts, ends = vcdm.valid_from(self.document), vcdm.valid_until(self.document)
        return self.standing == VALID and (starts is None or starts <= at) and (ends is None or at <= ends)


@dataclass(frozen=True)
class Directory:
    """All that is listed. :ivar number: of the last change in it; :ivar identities: by DID, in the order of DIDs."""

    number: int
    identities: Mapping[str, ListedIdentity]


def directory_of(changes: Iterable[DirectoryChange]) -> Directory:
    """The directory after these changes, which begin with the first one."""
    identities: dict[str, ListedIdentity] = {}
    keys: dict[str, dict[str, ListedKey]] = {}
    documents: dict[str, JsonObject] = {}
    number = 0
    for change in changes:
        number = change.sequence
        if change.kind is ChangeKind.KEYS and change.body is not None:
            document = strict_json.loads(change.body)
            documents[change.did] = document
            keys[change.did] = _keys_after(keys.get(change.did, {}), document, change.at)
        elif change.kind is ChangeKind.IDENTITY and change.body is not None:
            signed = strict_json.loads(change.body)
            identities[change.did] = ListedIdentity(
                read_identity(signed), signed, digest_of(change.body), VALID, change.at
            )
        elif change.kind is ChangeKind.STANDING:
            known = identities.get(change.did)
            if known is not None and known.credential == change.credential and known.standing != change.standing:
                identities[change.did] = replace(known, standing=change.standing or REVOKED, since=change.at)
    return Directory(
        number,
        {
            did: replace(
                listed,
                keys=tuple(keys[did].values()) if did in keys else _computed_keys(did, listed.since),
                did_document=documents.get(did),
            )
            for did, listed in sorted(identities.items())
        },
    )


def _keys_after(before: Mapping[str, ListedKey], document: JsonObject, at: datetime) -> dict[str, ListedKey]:
    """The keys of an enterprise once another DID document is known; none goes."""
    did, after = str(document.get("id")), dict(before)
    named = {f"{did}#{each.fragment}": each for each in did_rotation.methods(document) if each.multikey is not None}
    # A document that lists keys for assertions alone says nothing of which one signs now.
    divided = any(_NOW in each.purposes for each in named.values())
    for method, each in named.items():
        signs_now = each.signs and (_NOW in each.purposes or not divided)
        standing = IN_USE if signs_now else RETIRED if each.signs else KEY_REVOKED
        known = after.get(method)
        if known is None or known.multikey != each.multikey:
            after[method] = ListedKey(method, str(each.multikey), standing, at, at)
        elif known.standing != standing:
            after[method] = replace(known, standing=standing, standing_since=at)
    for method, known in before.items():
        if method not in named and known.standing == IN_USE:
            after[method] = replace(known, standing=RETIRED, standing_since=at)
    return after


def _computed_keys(did: str, since: datetime) -> tuple[ListedKey, ...]:
    if not is_computed(did):
        return ()
    document = DidResolver().resolve(did)
    methods = [each for each in did_rotation.methods(document) if each.multikey is not None]
    return tuple(ListedKey(f"{did}#{each.fragment}", str(each.multikey), IN_USE, since, since) for each in methods)


# --- the signed list --------------------------------------------------------------------------------------------------


def unsigned_directory(
    address: str, issuer: str, directory: Directory, valid_from: datetime, valid_until: datetime
) -> JsonObject:
    """The list as a credential, still unsigned.

    :param address: of the directory on the web; its subject.
    """
    name = f"{address}/{directory.number}"
    nodes = []
    for number, listed in enumerate(directory.identities.values(), 1):
        place = f"{name}#identity-{number}"
        keys = [
            {
                "id": f"{place}-key-{count}",
                "keyMethod": key.method,
                "keyMultibase": key.multikey,
                "keyStanding": key.standing,
                "keySince": date_time(key.since),
                "keyStandingSince": date_time(key.standing_since),
            }
            for count, key in enumerate(listed.keys, 1)
        ]
        nodes.append(
            {
                "id": place,
                "listedHolder": listed.enterprise.did,
                "identityCredential": listed.credential,
                "identityDigest": listed.digest,
                "identityStanding": listed.standing,
                "standingSince": date_time(listed.since),
                **({"listedKeys": keys} if keys else {}),
            }
        )
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": name,
        "type": [VERIFIABLE_CREDENTIAL, DIRECTORY],
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        "credentialSubject": {
            "id": address,
            "directoryNumber": directory.number,
            **({"listedIdentities": nodes} if nodes else {}),
        },
    }


@dataclass(frozen=True)
class DirectoryEntry:
    """One line of a signed directory."""

    holder: str
    credential: str
    digest: str
    standing: str
    since: datetime
    keys: tuple[ListedKey, ...]

    def did_document(self) -> JsonObject | None:
        """The DID document that the listed keys make; None where the DID's document is computed.

        Made from what the registrar signed, not from a document beside it. Keys in use sign, retired ones verify what
        they signed, revoked ones are left out.

        :raises UsageError: it is a did:web without a key in use.
        """
        if is_computed(self.holder):
            return None
        by_standing: dict[str, dict[str, Any]] = {IN_USE: {}, RETIRED: {}, KEY_REVOKED: {}}
        for key in self.keys:
            by_standing[key.standing][key.method.partition("#")[2]] = decode_multikey(key.multikey)
        return did_web.document(self.holder, by_standing[IN_USE], by_standing[RETIRED])


@dataclass(frozen=True)
class SignedDirectory:
    """What a signed directory says.

    :ivar address: its subject; :ivar number: of the last change in it; :ivar signed_at: ``validFrom``.
    """

    address: str
    issuer: str
    number: int
    signed_at: datetime
    entries: tuple[DirectoryEntry, ...]


def read_directory(document: JsonObject) -> SignedDirectory:
    """The list that a credential holds. Proof, validity and issuer are for others to check.

    :raises FaultyRecord: it is no directory.
    """
    try:
        if vcdm.types(document) != (VERIFIABLE_CREDENTIAL, DIRECTORY):
            raise _no_directory("type")
        subject = document["credentialSubject"]
        nodes = _as_list(subject.get("listedIdentities", []))
        if len(nodes) > MAX_LISTED:
            raise _no_directory("listedIdentities")
        signed_at, number = vcdm.valid_from(document), subject["directoryNumber"]
        if signed_at is None or not isinstance(number, int) or isinstance(number, bool):
            raise _no_directory("directoryNumber")
        entries = tuple(_entry(node) for node in nodes)
    except (KeyError, TypeError, ValueError, AttributeError, MalformedCredential) as error:
        raise _no_directory(type(error).__name__) from error
    if len({entry.holder for entry in entries}) != len(entries):
        raise _no_directory("listedHolder")
    return SignedDirectory(str(subject["id"]), vcdm.issuer_id(document), number, signed_at, entries)


def _no_directory(place: str) -> FaultyRecord:
    return FaultyRecord(Message("this is no directory of enterprises"), found=place)


def _as_list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _entry(node: JsonObject) -> DirectoryEntry:
    standing = node["identityStanding"]
    if standing not in (VALID, SUSPENDED, REVOKED):
        raise ValueError
    return DirectoryEntry(
        _did(node["listedHolder"]),
        str(node["identityCredential"]),
        str(node["identityDigest"]),
        standing,
        _instant(node["standingSince"]),
        tuple(_key(each, node["listedHolder"]) for each in _as_list(node.get("listedKeys", []))),
    )


def _key(node: JsonObject, holder: str) -> ListedKey:
    method, standing = node["keyMethod"], node["keyStanding"]
    if standing not in (IN_USE, RETIRED, KEY_REVOKED) or method.partition("#")[0] != holder:
        raise ValueError
    try:
        decode_multikey(node["keyMultibase"])
    except PassportError as error:
        raise ValueError from error
    return ListedKey(
        method, node["keyMultibase"], standing, _instant(node["keySince"]), _instant(node["keyStandingSince"])
    )


def _did(text: str) -> str:
    if not text.startswith("did:"):
        raise ValueError
    return text


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError
    return at.astimezone(UTC)
