"""A trust list made from a directory: a policy says who is trusted for what, the directory says who there is.

A policy is a file of rules. Each rule chooses enterprises of the directory and says what their signatures count for::

    {"rules": [{"roles": ["batteryMaker"], "countries": ["CN"],
                "trustedFor": ["BatteryModelCredential", "BatteryPassportCredential"],
                "regimes": ["eu", "cn"], "ownOnly": true},
               {"ids": ["did:web:lab.example"], "trustedFor": ["BatteryAttestationCredential"],
                "schemes": ["https://w3id.org/battery-passport/certification#cn-carbon-footprint"]}]}

* ``roles``, ``countries``, ``provinces``, ``markets`` and ``ids`` choose; each that is given must fit, by one of its
  entries. A rule that chooses by nothing is refused: it would trust everybody.
* ``ownOnly`` narrows an enterprise to the codes and addresses that its identity states as its own. One that states none
  is left out and named.
* ``regimes``, ``audiences`` and ``schemes`` go into the entry as they are.
* Several rules that fit one enterprise add up. ``ownOnly`` of one of them holds for all that it is trusted for.

What is *not* in force in the directory gets no entry: revoked, suspended, ended, without a key. So trust follows the
directory each time the list is made again. Entries of the list that were not made from this directory stay as they are,
and win over it; only that of the registrar is marked with the number of the directory, so that an older one is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials.digests import document_digest
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import VerificationResult
from passport.directory.enterprise import Enterprise, read_identity
from passport.directory.listing import VALID, DirectoryEntry, SignedDirectory, read_directory
from passport.errors import MalformedPolicy, PassportError, VerificationFailed
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, error_text
from passport.vocabulary.credential_types import ATTESTATION, DIRECTORY, IDENTITY, ROLE, TYPES

_CHOOSE = ("ids", "roles", "countries", "provinces", "markets")
_GIVE = ("trustedFor", "regimes", "audiences", "schemes")
_MEMBERS = frozenset({*_CHOOSE, *_GIVE, "ownOnly"})
#: Nobody is trusted by a rule for what says who is trusted: a directory cannot make another registrar.
_NEVER = frozenset({IDENTITY, DIRECTORY})


@dataclass(frozen=True)
class TrustRule:
    """One rule of a policy, see the head of this module."""

    trusted_for: frozenset[str]
    ids: frozenset[str] | None = None
    roles: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    provinces: frozenset[str] | None = None
    markets: frozenset[str] | None = None
    regimes: frozenset[str] = frozenset()
    audiences: frozenset[str] | None = None
    schemes: frozenset[str] | None = None
    own_only: bool = False

    def chooses(self, enterprise: Enterprise) -> bool:
        """Whether it is about this enterprise."""
        wanted = (
            (self.ids, (enterprise.did,)),
            (self.roles, enterprise.roles),
            (self.countries, (enterprise.country,)),
            (self.provinces, enterprise.provinces),
            (self.markets, enterprise.markets),
        )
        return all(codes is None or codes & set(own) for codes, own in wanted)


def read_policy(document: Any) -> tuple[TrustRule, ...]:
    """The rules of a policy.

    :raises MalformedPolicy: of another shape, with an unknown member, or a rule that would choose everybody.
    """
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not rules or set(document) != {"rules"}:
        raise MalformedPolicy(Message("the trust policy"), expected=Message("an object with a list of rules"))
    return tuple(_rule(number, each) for number, each in enumerate(rules, 1))


def _rule(number: int, rule: Any) -> TrustRule:
    place = Message("rule {number} of the trust policy", number=number)
    if not isinstance(rule, dict):
        raise MalformedPolicy(place, expected=Message("an object"), found=type(rule).__name__)
    if unknown := sorted(set(rule) - _MEMBERS):
        raise MalformedPolicy(place, expected=", ".join(sorted(_MEMBERS)), found=repr(unknown[0])[:60])
    lists: dict[str, frozenset[str] | None] = {}
    for name in (*_CHOOSE, *_GIVE):
        value = rule.get(name)
        if value is not None and not (isinstance(value, list) and all(isinstance(text, str) for text in value)):
            raise MalformedPolicy(place, expected=Message("{name}: a list of texts", name=name))
        lists[name] = None if value is None else frozenset(value)
    if all(lists[name] is None for name in _CHOOSE):
        raise MalformedPolicy(
            place,
            expected=Message("one of {names}", names=", ".join(_CHOOSE)),
            found=Message("none: it would choose every enterprise"),
        )
    trusted_for = lists["trustedFor"] or frozenset()
    if not trusted_for or not trusted_for <= set(TYPES) - _NEVER:
        raise MalformedPolicy(
            place,
            expected=Message("trustedFor: {names}", names=", ".join(name for name in TYPES if name not in _NEVER)),
            found=", ".join(sorted(trusted_for - (set(TYPES) - _NEVER))) or Message("nothing"),
        )
    own_only = rule.get("ownOnly", False)
    if not isinstance(own_only, bool):
        raise MalformedPolicy(place, expected=Message("ownOnly: true or false"), found=repr(own_only)[:40])
    return TrustRule(
        trusted_for, lists["ids"], lists["roles"], lists["countries"], lists["provinces"], lists["markets"],
        lists["regimes"] or frozenset(), lists["audiences"], lists["schemes"], own_only,
    )  # fmt: skip


# --- the directory that counts ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DirectoryMember:
    """An enterprise that counts: its signed line, and its verified identity."""

    entry: DirectoryEntry
    enterprise: Enterprise


@dataclass(frozen=True)
class UnlistedEnterprise:
    """An enterprise of the directory that gets no entry. :ivar reason: why."""

    did: str
    name: str
    reason: Message


@dataclass(frozen=True)
class VerifiedDirectory:
    """A directory whose list and identities verified."""

    signed: SignedDirectory
    members: tuple[DirectoryMember, ...]
    left_out: tuple[UnlistedEnterprise, ...]


def verified_directory(result: VerificationResult) -> VerifiedDirectory:
    """The directory in a verified file.

    The list must verify. An identity counts where the list names it as in force, by the digest of the document that is
    in the file, and where that document verified, of the registrar who signed the list.

    :param result: of the verification of the file under a trust list that names the registrar.
    :raises VerificationFailed: the file holds no list, or several, or the list does not verify.
    """
    lists = [each for each in result.credentials if DIRECTORY in each.types]
    if len(lists) != 1 or lists[0].verified is not True or lists[0].document is None:
        reason = next((check.detail for each in lists for check in each.checks if not check.passed), None)
        raise VerificationFailed(
            Message("the file holds no directory that verifies"),
            expected=Message("one signed list of a registrar on the trust list"),
            found=reason or Message("{count} lists", count=len(lists)),
        )
    signed = read_directory(dict(lists[0].document))
    by_id = {each.id: each for each in result.credentials if IDENTITY in each.types}
    members: list[DirectoryMember] = []
    left_out: list[UnlistedEnterprise] = []
    for entry in signed.entries:
        each = by_id.get(entry.credential)
        if entry.standing != VALID:
            reason = Message("not in force: {standing}", standing=entry.standing)
        elif each is None or each.document is None or document_digest(dict(each.document)) != entry.digest:
            reason = Message("its identity is not in the file, or another one")
        elif each.verified is not True:
            failed = next((check.detail for check in each.checks if not check.passed), "")
            reason = Message("its identity does not verify: {detail}", detail=failed)
        elif each.issuer != signed.issuer:
            reason = Message("its identity is of another registrar")
        else:
            enterprise = read_identity(dict(each.document))
            if enterprise.did == entry.holder:
                members.append(DirectoryMember(entry, enterprise))
                continue
            reason = Message("its identity is of another enterprise")
        left_out.append(UnlistedEnterprise(entry.holder, entry.holder, reason))
    return VerifiedDirectory(signed, tuple(members), tuple(left_out))


# --- the trust list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MadeTrustList:
    """A trust list as JSON, and what came of it.

    :ivar added: DIDs that are new on it; :ivar removed: DIDs that the list had from this directory and has no more.
    :ivar kept: how many entries were made by hand or from elsewhere.
    """

    document: JsonObject
    added: tuple[str, ...]
    removed: tuple[str, ...]
    kept: int
    left_out: tuple[UnlistedEnterprise, ...]


def trust_list_of(
    directory: VerifiedDirectory, rules: Sequence[TrustRule], before: JsonObject, *, at: datetime
) -> MadeTrustList:
    """The trust list after this directory.

    :param before: the list so far, as JSON; its entries that were made from this directory are made again.
    :param at: the day of it is the day on which keys are pinned.
    :raises MalformedTrustList: ``before`` is none, or what was made is none.
    :raises VerificationFailed: the list was made from a newer directory before: an older one may leave out that
        an entry was revoked.
    """
    TrustList.from_json(before)
    signed = directory.signed
    here = [entry for entry in before["issuers"] if entry.get("directory", "").partition("#")[0] == signed.address]
    newest = max((_number(entry) for entry in here), default=0)
    own = [entry for entry in here if entry["id"] != signed.issuer]
    if newest > signed.number:
        raise VerificationFailed(
            Message("the trust list was made from a newer directory"),
            expected=Message("number {number} or later", number=newest),
            found=str(signed.number),
        )
    # The registrar's own entry remembers the number, also when no enterprise is left.
    mark = {"directory": f"{signed.address}#{signed.number}"}
    others = [
        {**entry, **mark} if entry["id"] == signed.issuer else entry for entry in before["issuers"] if entry not in own
    ]
    taken = {entry["id"] for entry in others}
    made: list[JsonObject] = []
    left_out = list(directory.left_out)
    for member in directory.members:
        fitting = [rule for rule in rules if rule.chooses(member.enterprise)]
        if not fitting or member.enterprise.did in taken:
            continue
        try:
            made.append(_entry_of(member, fitting, signed, at))
        except PassportError as error:
            left_out.append(UnlistedEnterprise(member.enterprise.did, member.enterprise.named("en"), error_text(error)))
    document = {"issuers": [*others, *made]}
    TrustList.from_json(document)
    had, has = {entry["id"] for entry in own}, {entry["id"] for entry in made}
    return MadeTrustList(
        document, tuple(sorted(has - had)), tuple(sorted(had - has)), len(others), tuple(left_out)
    )  # fmt: skip


def _number(entry: JsonObject) -> int:
    text = str(entry["directory"]).partition("#")[2]
    return int(text) if text.isascii() and text.isdecimal() else 0


def _entry_of(
    member: DirectoryMember, rules: Sequence[TrustRule], signed: SignedDirectory, at: datetime
) -> JsonObject:  # fmt: skip
    enterprise = member.enterprise
    entry: JsonObject = {
        "id": enterprise.did,
        "name": {"en": enterprise.named("en"), **enterprise.legal_name},
        "trustedFor": sorted(frozenset().union(*(rule.trusted_for for rule in rules))),
        "regimes": sorted(frozenset().union(*(rule.regimes for rule in rules))),
    }
    for name, values in (
        ("audiences", [rule.audiences for rule in rules if ROLE in rule.trusted_for]),
        ("schemes", [rule.schemes for rule in rules if ATTESTATION in rule.trusted_for]),
    ):
        named = [each for each in values if each is not None]
        if named and len(named) == len(values):
            entry[name] = sorted(frozenset().union(*named))
    if any(rule.own_only for rule in rules):
        own = enterprise.namespaces()
        if own is None:
            raise MalformedPolicy(Message("its identity states nothing as its own"), hint=None)
        entry["namespaces"] = {
            name: list(values)
            for name, values in (
                ("addresses", own.addresses),
                ("gtinPrefixes", own.gtin_prefixes),
                ("manufacturerCodes", own.manufacturer_codes),
            )
            if values is not None
        }
    document = member.entry.did_document()
    if document is not None:
        entry |= {"didDocument": document, "pinnedOn": at.date().isoformat()}
    return entry | {"directory": f"{signed.address}#{signed.number}"}
