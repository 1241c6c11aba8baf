"""The maker's declaration of a footprint: what it says, the file it is passed on in, and whether its figures fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from passport.credentials import credential as vcdm
from passport.credentials.issuer import presentation
from passport.errors import MalformedCredential
from passport.footprint.declared import ENERGY, indicators, names_in
from passport.footprint.result import FootprintResult, plain
from passport.identity.multibase import multibase_encode
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, by_language
from passport.vocabulary.credential_types import DECLARATION_TYPE

_SHA256 = b"\x12\x20"
_TOLERANCE = Decimal("0.01")


def digest_of(data: bytes) -> str:
    """SHA-256 as a multihash in multibase."""
    return multibase_encode(_SHA256 + hashlib.sha256(data).digest())


@dataclass(frozen=True)
class DeclaredParties:
    """Who declares and who verifies, and the study: what a declaration names beside its figures.

    :param manufacturer: name; where it is absent, that of the inventory.
    :param study: address of the public study.
    :param verifier: name or DID of the third party that verifies. The countersigner of a DID must be this one.
    """

    manufacturer: str | None = None
    study: str | None = None
    verifier: str | None = None


def claims(
    result: FootprintResult, inventory_digest: str, parties: DeclaredParties = DeclaredParties()
) -> dict[str, Any]:
    """What a declaration says of its batch: the indicators, and the method that is part of them."""
    quality = result.quality.rating
    claims: dict[str, Any] = {
        "batteryModelIdentifier": result.model,
        **indicators(result),
        # The base of the figures, whether or not it is an indicator that a result of this method fills.
        ENERGY: plain(result.energy.total),
        "footprintMethod": result.method,
        "footprintBoundary": result.boundary,
        "functionalUnit": by_language(result.functional_unit),
        "footprintSoftware": result.software,
        "footprintManufacturer": parties.manufacturer or result.manufacturer,
        "footprintPlant": result.plant,
        "footprintPlantCountry": result.plant_country,
        "footprintStudy": parties.study,
        "footprintVerifier": parties.verifier,
        "footprintPeriod": result.period,
        "allocationFactor": plain(result.allocation),
        "allocationProof": result.allocation_proof,
        "electricityTreatment": result.electricity,
        "factorSource": sorted(result.factor_sources),
        "dataQualityRating": None if quality is None else plain(quality.quantize(Decimal("0.01"))),
        "inventoryDigest": inventory_digest,
    }
    return {name: value for name, value in claims.items() if value not in (None, [], "")}


def is_did(named: Any) -> TypeGuard[str]:
    return isinstance(named, str) and named.startswith("did:")


def bundle(documents: Sequence[JsonObject]) -> JsonObject:
    """Declaration, countersignatures and status lists as one unsigned presentation: the file that is passed on."""
    return presentation(documents)


def members(document: Any) -> tuple[JsonObject, ...]:
    """The credentials in a file, which is a presentation or a single credential.

    :raises MalformedCredential: neither.
    """
    if vcdm.is_presentation(document):
        vcdm.check_presentation(document)
        return tuple(vcdm.credentials(document))
    vcdm.check_credential(document)
    return (document,)


def declaration_in(document: Any) -> JsonObject:
    """The one declaration in a file.

    :raises MalformedCredential: none or several.
    """
    declarations = [member for member in members(document) if DECLARATION_TYPE in vcdm.types(member)]
    if len(declarations) != 1:
        raise MalformedCredential(
            Message("the file"),
            expected=Message("one carbon footprint declaration"),
            found=str(len(declarations)),
        )
    return declarations[0]


def inconsistency(subject: Mapping[str, Any]) -> str | None:
    names = names_in(subject)
    if names is None:
        return Message("the figures are not those of one regime, by its method")
    total, energy = number_of(subject.get(names.total)), number_of(subject.get(ENERGY))
    absolute = number_of(subject.get(names.absolute))
    if total is None or absolute is None or energy is None:
        return Message("not all of {names} are there", names=[names.total, names.absolute, ENERGY])
    stages = [number for name in names.stages if (number := number_of(subject.get(name))) is not None]
    if sum(stages, Decimal(0)) != total:
        return Message(
            "the stages come to {stages}, the total is {total}", stages=str(sum(stages, Decimal(0))), total=str(total)
        )
    if abs(total * energy - absolute) > _TOLERANCE * abs(absolute):
        return Message(
            "{total} kg CO2e/kWh over {energy} kWh is not {absolute} kg CO2e",
            total=str(total),
            energy=str(energy),
            absolute=str(absolute),
        )
    return None if isinstance(subject.get("footprintMethod"), str) else Message("no method is named")


def number_of(value: Any) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) < 60 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def subject_of(document: JsonObject) -> JsonObject:
    subjects = vcdm.subjects(document)
    return subjects[0] if subjects else {}
