"""An accreditation that hangs on the identity of its actor: what the registrar stated is taken, and never exceeded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.credentials.identity_status import RestsOn
from passport.directory.enterprise import read_identity
from passport.errors import UsageError
from passport.lifecycle import Permit
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.accreditation import ActorStatement
from passport.texts import Message


def statement_from(
    identity: JsonObject,
    roles: Sequence[str],
    *,
    provinces: Sequence[str] = (),
    manufacturer_codes: Sequence[str] = (),
    permits: Sequence[Permit] = (),
) -> ActorStatement:
    """What an authority states of an enterprise whose identity verified: names, registration and DID are those of it.

    The accreditation rests on the identity: it names it by id and digest.

    :param identity: the signed identity, verified by the caller.
    :param provinces: where it may act; :param manufacturer_codes: that it may give; empty: those of the identity.
    :raises UsageError: the identity states no such role, province or code.
    :raises FaultyRecord: it is no identity.
    """
    enterprise = read_identity(identity)
    for name, asked, stated in (
        (Message("role"), roles, enterprise.roles),
        # An identity that states no province leaves them open.
        (Message("province"), provinces, enterprise.provinces or provinces),
        (Message("manufacturer code"), manufacturer_codes, enterprise.manufacturer_codes),
    ):
        _within(name, asked, stated)
    code = enterprise.registered.get(PartyScheme.CREDIT_CODE)
    number = enterprise.registration_number
    if code is None and number is None:
        # A scheme and its code, such as "LEI 506700GE1G29325QX363".
        number = next((f"{scheme.name} {value}" for scheme, value in enterprise.registered.items()), None)
    return ActorStatement(
        holder=enterprise.did,
        legal_name=enterprise.legal_name,
        roles=tuple(dict.fromkeys(roles)),
        social_credit_code=code,
        registration_number=None if code is not None else number,
        provinces=tuple(provinces or enterprise.provinces),
        manufacturer_codes=tuple(manufacturer_codes or enterprise.manufacturer_codes),
        permits=tuple(permits),
        identity=RestsOn.of(identity),
    )


def _within(name: Message, asked: Collection[str], stated: Collection[str]) -> None:
    beyond = sorted(set(asked) - set(stated))
    if beyond:
        raise UsageError(
            Message("the identity states no such {name}", name=name),
            expected=", ".join(sorted(stated)) or None,
            found=", ".join(beyond),
        )
