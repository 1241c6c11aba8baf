"""Accreditations as credentials, both ways: ``BatteryActorCredential`` of an authority about one actor.

It says who the actor is (legal name, registration), in which roles it may report events, in which provinces, under
which permits, and which codes of GB/T 34014 it may give. Its validity is ``validFrom`` and ``validUntil``; it has a
place in a status list of revocations. It is signed whole. One that rests on the identity of its actor names that
identity by id and digest, and ends with it (:mod:`passport.credentials.identity_status`).

    unsigned = unsigned_accreditation(id, issuer, ActorStatement(holder=…, legal_name={"zh": …}, roles=("dealer",)), …)
    read_accreditation(signed).in_force(at)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from passport.battery.identifiers.party_identifier import PartyScheme, is_identifier
from passport.credentials import credential as vcdm
from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, date_time
from passport.credentials.identity_status import DIGEST, NAMED, RestsOn
from passport.errors import FaultyRecord, PassportError, UsageError
from passport.identity.did import DidResolver, is_computed
from passport.lifecycle import Accreditation, Permit, catalogue
from passport.lifecycle.event_values import EventFault
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, error_text
from passport.vocabulary.credential_types import ACTOR
from passport.vocabulary.derivation.derived_context import CONTEXT

ACCREDITATION_PART = "accreditation"
_PROVINCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}", re.ASCII)
_MANUFACTURER = re.compile(r"[0-9A-Z]{3}", re.ASCII)
_MEMBERS = frozenset({
    "id", "legalName", "unifiedSocialCreditCode", "registrationNumber", "actorRole", "accreditedProvince",
    "manufacturerCode", "permits", NAMED, DIGEST,
})  # fmt: skip
_PERMIT_MEMBERS = frozenset({"id", "permitKind", "permitNumber", "permitValidFrom", "permitValidUntil"})


@dataclass(frozen=True)
class ActorStatement:
    """What an authority states of an actor.

    :param holder: DID.
    :param legal_name: by language.
    :param roles: codes of the list ``actorRole``.
    :param social_credit_code: unified social credit code (GB 32100), for an organisation in China.
    :param registration_number: for any other, with its register.
    :param provinces: ISO 3166-2 codes; empty: all.
    :param manufacturer_codes: positions 1-3 of the codes that it may give; empty: not stated.
    :param identity: on which the accreditation rests; None where the authority states name and registration itself.
    """

    holder: str
    legal_name: Mapping[str, str]
    roles: tuple[str, ...]
    social_credit_code: str | None = None
    registration_number: str | None = None
    provinces: tuple[str, ...] = ()
    manufacturer_codes: tuple[str, ...] = ()
    permits: tuple[Permit, ...] = field(default=())
    identity: RestsOn | None = None


def check_statement(statement: ActorStatement) -> None:
    """Refuse what no accreditation may state.

    :raises UsageError: a name, role, code or permit is not what it should be.
    :raises MalformedKey: the holder is a did:key or did:jwk that holds no key.
    """
    if not statement.holder.startswith("did:"):
        raise UsageError(
            Message("the holder is not a DID"),
            expected=Message("did:key:…, did:jwk:… or did:web:…"),
            found=repr(statement.holder)[:80],
        )
    if is_computed(statement.holder):
        DidResolver().resolve(statement.holder)
    if not statement.legal_name or not all(text.strip() for text in statement.legal_name.values()):
        raise UsageError(Message("an accreditation needs the legal name of the actor"))
    if statement.social_credit_code is None and not (statement.registration_number or "").strip():
        raise UsageError(
            Message("an accreditation needs a registration"),
            expected=Message("a unified social credit code, or another registration number"),
        )
    if statement.identity is not None and statement.identity.holder != statement.holder:
        raise UsageError(
            Message("the identity is of another"), expected=statement.holder, found=statement.identity.holder
        )
    code = statement.social_credit_code
    if code is not None and not is_identifier(PartyScheme.CREDIT_CODE, code):
        raise UsageError(
            Message("this is not a unified social credit code"),
            expected=Message("18 characters with their check character (GB 32100)"),
            found=repr(code)[:40],
        )
    roles = [each.code for each in catalogue().roles.codes]
    _each_of(Message("role"), statement.roles, roles)
    if not statement.roles:
        raise UsageError(Message("an accreditation needs a role"), expected=Message("one of {codes}", codes=roles))
    _each_of(Message("permit"), [permit.kind for permit in statement.permits], list(catalogue().permits))
    for name, form, values in (
        (Message("province"), _PROVINCE, statement.provinces),
        (Message("manufacturer code"), _MANUFACTURER, statement.manufacturer_codes),
    ):
        for value in values:
            if not form.fullmatch(value):
                raise UsageError(Message("this is no {name}", name=name), found=repr(value)[:40])


def unsigned_accreditation(
    id_: str,
    issuer: str,
    statement: ActorStatement,
    valid_from: datetime,
    valid_until: datetime,
    entries: Sequence[JsonObject] = (),
) -> JsonObject:
    """The credential, still unsigned. :param entries: its ``credentialStatus``."""
    members = {
        "id": statement.holder,
        "legalName": dict(statement.legal_name),
        "unifiedSocialCreditCode": statement.social_credit_code,
        "registrationNumber": statement.registration_number,
        "actorRole": list(statement.roles),
        "accreditedProvince": sorted(statement.provinces),
        "manufacturerCode": sorted(statement.manufacturer_codes),
        "permits": [_permit_node(f"{id_}#permit-{n}", permit) for n, permit in enumerate(statement.permits, 1)],
        **({} if statement.identity is None else statement.identity.members),
    }
    if statement.identity is not None:
        entries = (*entries, *statement.identity.entries)
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": id_,
        "type": [VERIFIABLE_CREDENTIAL, ACTOR],
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        **({"credentialStatus": list(entries)} if entries else {}),
        "credentialSubject": {name: value for name, value in members.items() if value},
    }


def read_accreditation(
    document: JsonObject, *, revoked_at: datetime | None = None, identity_ended_at: datetime | None = None
) -> Accreditation:
    """The accreditation that a credential states. Proof, issuer and status are for others to check.

    :param revoked_at: since when it is known to be revoked; None where it is not.
    :param identity_ended_at: since when the identity on which it rests is known to be revoked or suspended.
    :raises FaultyRecord: it is no accreditation, with every fault and its pointer.
    """
    reader = _AccreditationReader()
    accreditation = reader.read(document)
    if accreditation is None or reader.faults:
        raise FaultyRecord(
            Message(
                "the accreditation has {n} fault",
                plural="the accreditation has {n} faults",
                n=len(reader.faults),
            ),
            tuple(reader.faults),
        )
    return replace(accreditation, revoked_at=revoked_at, identity_ended_at=identity_ended_at)


def legal_name(document: JsonObject) -> Mapping[str, str]:
    """Legal name of the actor by language, of an accreditation without faults."""
    name: Mapping[str, str] = document["credentialSubject"]["legalName"]
    return name


def _each_of(name: Message, values: Iterable[str], known: list[str]) -> None:
    for value in values:
        if value not in known:
            raise UsageError(
                Message("unknown {name}", name=name),
                expected=Message("one of {codes}", codes=known),
                found=repr(value)[:80],
            )


def _permit_node(name: str, permit: Permit) -> JsonObject:
    until = {} if permit.valid_until is None else {"permitValidUntil": date_time(permit.valid_until)}
    return {
        "id": name,
        "permitKind": permit.kind,
        "permitNumber": permit.number,
        "permitValidFrom": date_time(permit.valid_from),
        **until,
    }


class _AccreditationReader:
    """Reads one document; what is wrong is in ``faults``."""

    def __init__(self) -> None:
        self.faults: list[EventFault] = []

    def read(self, document: JsonObject) -> Accreditation | None:
        if vcdm.types(document) != (VERIFIABLE_CREDENTIAL, ACTOR):
            self._wrong("/type", "other-type", Message("expected {type}", type=ACTOR))
        subject = document.get("credentialSubject")
        if not isinstance(subject, dict):
            self._wrong("/credentialSubject", "malformed-value", Message("expected a JSON object"))
            return None
        for name in sorted(subject.keys() - _MEMBERS):
            self._wrong(f"/credentialSubject/{name}", "unknown-member", Message("there is no member of this name"))
        starts, ends = self._instant(vcdm.valid_from, document), self._instant(vcdm.valid_until, document)
        if starts is None:
            self._wrong("/validFrom", "missing-member", Message("an accreditation says from when it is valid"))
        roles = self._texts(subject, "actorRole")
        for code in roles:
            if code not in catalogue().roles:
                message = Message("expected one of {codes}", codes=[each.code for each in catalogue().roles.codes])
                self._wrong("/credentialSubject/actorRole", "malformed-value", message)
        if not roles:
            self._wrong("/credentialSubject/actorRole", "missing-member", Message("an accreditation needs a role"))
        holder = subject.get("id")
        if not isinstance(holder, str) or not holder.startswith("did:"):
            self._wrong("/credentialSubject/id", "malformed-value", Message("expected a DID"))
        self._check_identity(subject)
        permits = subject.get("permits", [])
        read = [self._permit(n, each) for n, each in enumerate(permits if isinstance(permits, list) else [permits])]
        provinces = self._texts(subject, "accreditedProvince")
        codes = self._texts(subject, "manufacturerCode")
        if self.faults or starts is None:
            return None
        return Accreditation(
            holder=str(holder),
            roles=frozenset(roles),
            valid_from=starts,
            valid_until=ends,
            provinces=frozenset(provinces) or None,
            permits=tuple(permit for permit in read if permit is not None),
            manufacturer_codes=frozenset(codes) or None,
        )

    def _check_identity(self, subject: JsonObject) -> None:
        named = {name: subject[name] for name in (NAMED, DIGEST) if name in subject}
        if named and (len(named) != 2 or not all(isinstance(value, str) for value in named.values())):
            message = Message("expected an identity with its digest")
            self._wrong(f"/credentialSubject/{NAMED}", "malformed-value", message)

    def _permit(self, number: int, value: Any) -> Permit | None:
        place = f"/credentialSubject/permits/{number}"
        if not isinstance(value, dict) or value.keys() - _PERMIT_MEMBERS:
            self._wrong(place, "malformed-value", Message("expected a permit with kind, number and validity"))
            return None
        kind, number_ = value.get("permitKind"), value.get("permitNumber")
        starts, ends = self._moment(value, place, "permitValidFrom"), self._moment(value, place, "permitValidUntil")
        if not isinstance(kind, str) or not isinstance(number_, str) or starts is None:
            self._wrong(place, "malformed-value", Message("expected a permit with kind, number and validity"))
            return None
        return Permit(kind, number_, starts, ends)

    def _moment(self, value: JsonObject, place: str, name: str) -> datetime | None:
        if name not in value:
            return None
        try:
            at = datetime.fromisoformat(value[name])
        except (TypeError, ValueError):
            at = None
        if at is None or at.tzinfo is None:
            self._wrong(f"{place}/{name}", "malformed-value", Message("expected an instant with its offset"))
            return None
        return at

    def _texts(self, subject: JsonObject, name: str) -> tuple[str, ...]:
        value = subject.get(name, [])
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            self._wrong(f"/credentialSubject/{name}", "malformed-value", Message("expected a list of codes"))
            return ()
        return tuple(texts)

    def _instant(self, read: Callable[[JsonObject], datetime | None], document: JsonObject) -> datetime | None:
        try:
            return read(document)
        except PassportError as error:
            self._wrong("", error.code, error_text(error))
            return None

    def _wrong(self, pointer: str, code: str, message: Message) -> None:
        self.faults.append(EventFault(f"/{ACCREDITATION_PART}{pointer}", code, message))
