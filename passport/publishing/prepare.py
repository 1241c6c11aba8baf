"""Preparation of a write before it is signed: pure, so that it can run in any process.

Every write has the same four steps (docs/decisions/0013):

1. *Reserve* places in status lists, in blocks (:mod:`passport.publishing.places`).
2. *Prepare*: from the planned credentials and those in force follow the unsigned credentials, the changes of status,
   and the conditions for storing them. No SQL, no signer, no clock. Everything here can be pickled.
3. *Sign* (:mod:`passport.publishing.sign`): the key and nothing else. No lock is held.
4. *Commit* (:mod:`passport.publishing.commit`): one short transaction, which stores all of it if the conditions still
   hold. Where they do not, nothing is stored, and the write is prepared again from what is in force now.

    chosen = to_sign(planned, heads, replacing)
    reserved = [places.take(credential.status_purposes) for credential in chosen]
    prepared = prepare_grain(planned, chosen, heads, reserved, …)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from passport.battery.identifiers.record_address import address
from passport.battery.linked_documents import RELATED
from passport.battery.privacy.rights import SELECTIVE
from passport.battery.record import NOTHING, Record
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.status_list import REFRESH, REVOCATION
from passport.linked_data.json_types import JsonObject
from passport.publishing.places import Reserved
from passport.publishing.planned_credential import PlannedCredential
from passport.publishing.writes import (
    About,
    BitChange,
    CarriedBit,
    GrainOutcome,
    Head,
    PreparedGrain,
    PreparedWrite,
    Replacing,
    UnsignedCredential,
    WriteCondition,
)
from passport.store import Notice, Pack, StatusChange, StoredCredential
from passport.vocabulary.derivation.derived_context import CONTEXT

# --- a record -------------------------------------------------------------------------------------------------------


def to_sign(
    planned: Sequence[PlannedCredential], heads: Mapping[About, Head], replacing: Replacing
) -> tuple[PlannedCredential, ...]:
    """Those of a grain that are to be signed; the others say what is in force already.

    :param replacing: whether the same content is signed anew where its signature does not verify.
    """
    return tuple(credential for credential in planned if _is_due(credential, heads[credential.about], replacing))


def _is_due(credential: PlannedCredential, head: Head, replacing: Replacing) -> bool:
    if head.stored is None or head.stored.content != credential.digest:
        return True
    return replacing.allowed and head.to_be_signed_anew


def prepare_grain(
    planned: Sequence[PlannedCredential],
    chosen: Sequence[PlannedCredential],
    heads: Mapping[About, Head],
    reserved: Sequence[Reserved],
    *,
    relied_on: Mapping[About, str],
    pack: Pack | None = None,
    modules: Mapping[str, frozenset[str]] = NOTHING,
    issuer: str,
    at: datetime,
    replacing: Replacing,
) -> PreparedGrain:
    """The write of one model, batch or pack of a record, as far as it is not in force yet.

    :param planned: all credentials of the grain.
    :param chosen: those of ``planned`` that are to be signed (:func:`to_sign`); :param reserved: an id for each.
    :param relied_on: digests of what coarser grains say; the write counts only beside exactly that.
    :param pack: to be stored where it is unknown.
    :param issuer: DID; :param at: instant of signing, without fractions of a second.
    :param modules: of the pack, where its production event is to be signed; see :class:`PreparedWrite`.
    """
    ids = {credential.about: id_ for credential, id_ in zip(chosen, reserved, strict=True)}
    conditions = tuple(WriteCondition(about, None, content=digest) for about, digest in relied_on.items())
    parts = [PreparedWrite(conditions=conditions)]
    signed: list[str] = []
    unverified: list[str] = []
    replaced, since = False, at
    for credential in planned:
        head, about = heads[credential.about], credential.about
        before = head.stored
        if about not in ids:
            assert before is not None, "what is not to be signed is in force"
            since = before.issued_at
            parts.append(PreparedWrite(conditions=(WriteCondition(about, head.sequence),)))
            continue
        new = ids[about]
        part = PreparedWrite(
            (_credential(credential, new, issuer, at),), (WriteCondition(about, head.sequence),), lists=new.lists
        )
        if before is not None:
            replaced = True
            if before.content == credential.digest:
                unverified.append(before.id)
                part = _signed_anew(part, about, head, new, at)
            purpose, reason, notice = REVOCATION, replacing.reason, replacing.notice
            if credential.is_newer_than(before):
                purpose, reason, notice = REFRESH, "a newer read-out", Notice()
            part = replace(part, changes=tuple(_bit_set(head, purpose, reason, at, notice)))
        signed.append(new.id)
        parts.append(part)
    outcome = GrainOutcome(tuple(signed), replaced, since, tuple(unverified))
    return PreparedGrain(replace(_together(parts), pack=pack, modules=modules), outcome)


def pack_of(record: Record, model: str) -> Pack:
    """The row of a record's pack. :param model: address of its model."""
    serial = address(record).serial
    # A record without a category or a serial number has a fault.
    assert record.category is not None and serial is not None
    code = record.pack.get("packTractionBatteryCode")
    return Pack(record.pack["batteryIdentifier"], model, record.category.value, serial, code)


def _credential(
    planned: PlannedCredential, reserved: Reserved, issuer: str, at: datetime, *, late: bool = False
) -> UnsignedCredential:
    subject = {"id": planned.subject, "type": planned.subject_type, **planned.content(reserved.id)}
    refresh = refresh_service(planned.subject) if planned.is_read_out else None
    document = unsigned(reserved, planned.type, issuer, at, subject, refresh, planned.related)
    return UnsignedCredential(document, planned.type, planned.subject, planned.digest, planned.restricted, at, late)


def prepare_read_outs(
    planned: Sequence[PlannedCredential],
    head: Head,
    reserved: Sequence[Reserved],
    *,
    late: int,
    issuer: str,
    at: datetime,
) -> PreparedWrite:
    """The write of several read-outs of one pack; each is refreshed by the next.

    :param planned: at least one, in the order of their times.
    :param head: the current read-out so far; :param reserved: an id for each.
    :param late: how many of them, the first ones, are of an earlier time than ``head``. These are superseded from the
        beginning and leave ``head`` as it is.
    """
    about = (planned[0].subject, planned[0].type)
    refreshed = reserved if late == len(reserved) else reserved[:-1]
    superseded = tuple(
        BitChange(REFRESH, StatusChange(place.list, place.position, True, "a newer read-out", at))
        for place in (each.places[REFRESH] for each in refreshed)
    )
    before = () if late == len(reserved) else tuple(_bit_set(head, REFRESH, "a newer read-out", at, Notice()))
    return PreparedWrite(
        tuple(
            _credential(credential, new, issuer, at, late=number < late)
            for number, (credential, new) in enumerate(zip(planned, reserved, strict=True))
        ),
        (WriteCondition(about, head.sequence),),
        (*before, *superseded),
        lists=frozenset(number for each in reserved for number in each.lists),
    )


def refresh_service(pack: str) -> dict[str, str]:
    """Where the newest read-out of a pack is found. (VC Data Model 2.0, section 5.4)

    Its id is the pack's address with a fragment. A client asks for the pack's address; in RDF the pack itself does not
    become a service.
    """
    return {"id": f"{pack}#refresh", "type": "BatteryPassportRefreshService"}


# --- other content --------------------------------------------------------------------------------------------------


def prepare_statement(
    about: About,
    subject_type: str,
    content: Mapping[str, Any],
    digest: str,
    head: Head,
    reserved: Reserved,
    *,
    issuer: str,
    at: datetime,
) -> PreparedWrite:
    """The write of one public credential that comes from no record; the one before is revoked.

    :param content: what it says of its subject, without id and type; :param digest: of ``content``.
    """
    subject, type_ = about
    document = unsigned(reserved, type_, issuer, at, {"id": subject, "type": subject_type, **content})
    credential = UnsignedCredential(document, type_, subject, digest, False, at)
    condition = WriteCondition(about, head.sequence)
    if head.to_be_signed_anew:
        condition = replace(condition, unrevoked=head.places.get(REVOCATION))
    changes = tuple(_bit_set(head, REVOCATION, f"replaced by {reserved.id}", at, Notice()))
    return PreparedWrite((credential,), (condition,), changes, lists=reserved.lists)


def prepare_anew(
    stored: StoredCredential,
    head: Head,
    reserved: Reserved,
    *,
    reason: str,
    at: datetime,
    is_event: bool,
) -> PreparedWrite:
    """The write that signs a stored credential anew: the same content with another id; the old one is revoked.

    :param head: of ``stored`` itself.
    :param is_event: events do not replace each other, so that a newer one may have been stored meanwhile.
    """
    about = (stored.subject, stored.type)
    body = {key: value for key, value in stored.document.items() if key not in ("proof", "credentialStatus")}
    renamed = _renamed(body, stored.id, reserved.id)
    made: JsonObject = {}
    for key, value in renamed.items():
        made[key] = date_time(at) if key == "validFrom" else value
        if key == "validFrom" and reserved.status:
            made["credentialStatus"] = list(reserved.status)
    credential = UnsignedCredential(made, stored.type, stored.subject, stored.content, stored.type in SELECTIVE, at)
    part = PreparedWrite(
        (credential,), (WriteCondition(about, None if is_event else head.sequence),), lists=reserved.lists
    )
    part = _signed_anew(part, about, head, reserved, at)
    return replace(part, changes=tuple(_bit_set(head, REVOCATION, reason, at, Notice())))


def unsigned(
    reserved: Reserved,
    type_: str,
    issuer: str,
    at: datetime,
    subject: Mapping[str, Any],
    refresh: Mapping[str, str] | None = None,
    related: Sequence[Mapping[str, str]] = (),
) -> JsonObject:
    """A credential of this project without proof.

    :param subject: its ``credentialSubject``; :param refresh: its ``refreshService``.
    :param related: its ``relatedResource``: the documents that the subject links, with their digests.
    """
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": reserved.id,
        "type": ["VerifiableCredential", type_],
        "issuer": issuer,
        "validFrom": date_time(at),
        "credentialStatus": list(reserved.status),
        **({"refreshService": dict(refresh)} if refresh else {}),
        **({RELATED: [dict(entry) for entry in related]} if related else {}),
        "credentialSubject": dict(subject),
    }


# --- status ---------------------------------------------------------------------------------------------------------


def _bit_set(head: Head, purpose: str, reason: str, at: datetime, notice: Notice) -> Iterator[BitChange]:
    place = head.places.get(purpose)
    if place is not None:
        yield BitChange(purpose, StatusChange(place.list, place.position, True, reason, at), notice)


def _signed_anew(part: PreparedWrite, about: About, head: Head, new: Reserved, at: datetime) -> PreparedWrite:
    """The same content under a new signature: a suspension goes on, and what was revoked meanwhile stays revoked."""
    assert head.stored is not None
    carried = tuple(
        CarriedBit(
            place,
            StatusChange(
                new.places[purpose].list, new.places[purpose].position, True, f"as before, for {head.stored.id}", at
            ),
        )
        for purpose, place in sorted(head.places.items())
        if purpose != REVOCATION and purpose in new.places
    )
    unrevoked = WriteCondition(about, part.conditions[0].sequence, head.places.get(REVOCATION))
    return replace(part, carried=carried, conditions=(unrevoked,))


def _together(parts: Sequence[PreparedWrite]) -> PreparedWrite:
    return PreparedWrite(
        tuple(credential for part in parts for credential in part.credentials),
        tuple(condition for part in parts for condition in part.conditions),
        tuple(change for part in parts for change in part.changes),
        tuple(carried for part in parts for carried in part.carried),
        frozenset(number for part in parts for number in part.lists),
    )


def _renamed(value: Any, before: str, after: str) -> Any:
    """``value`` with the credential's id, and the ids of nodes under it, under another id."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, before, after) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, before, after) for item in value]
    if isinstance(value, str) and (value == before or value.startswith(f"{before}#")):
        return after + value[len(before) :]
    return value
