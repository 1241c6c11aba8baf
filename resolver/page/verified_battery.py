"""The battery that a verified file speaks of: only what proved credentials say of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from passport.credentials import credential as vcdm
from passport.credentials.verification_result import CredentialResult
from passport.vocabulary import credential_types
from passport.vocabulary.vocabulary import Vocabulary
from resolver.page import formatting as f
from resolver.page.indicators import value_cells
from resolver.page.wording import Words

_FACTS = ("batteryChemistry", "ratedEnergy", "nominalVoltage", "manufacturingDate", "stateOfCertifiedEnergy")


@dataclass(frozen=True)
class VerifiedBattery:
    """:ivar name: the model's designation; :ivar line: kind and maker; :ivar code: of the plate, or the serial number.

    :ivar subject: its address; :ivar facts: name and value of a few entries.
    """

    name: str
    line: Markup
    code: str
    subject: str
    facts: tuple[tuple[str, Markup], ...]

    def plain(self) -> tuple[tuple[str, str], ...]:
        """The facts without markup."""
        return tuple((name, re.sub("<[^>]*>", "", value)) for name, value in self.facts)


def verified_battery(
    credentials: Iterable[CredentialResult], vocabulary: Vocabulary, language: str
) -> VerifiedBattery | None:
    """The battery of proved credentials; None where none of them is of ours."""
    words, claims, subjects = Words(language), dict[str, Any](), list[str]()
    for result in credentials:
        if not result.proved or result.document is None:
            continue
        document = dict(result.document)
        if not any(name in credential_types.TYPES for name in vcdm.types(document)):
            continue
        for subject in vcdm.subjects(document):
            claims |= {key: value for key, value in subject.items() if key in vocabulary.indicators}
            subjects.append(str(subject.get("id", "")))
    if not claims or not subjects:
        return None
    kinds = vocabulary.enumerations["batteryCategory"]
    category = claims.get("batteryCategory")
    kind = kinds.in_text(category, language) if isinstance(category, str) else ""
    maker = f.one_language(str(claims.get("manufacturerName", "")), language)[0]
    code = next((text for key in ("packTractionBatteryCode", "serialNumber") if (text := _text(claims, key))), "")
    return VerifiedBattery(
        _text(claims, "batteryModelIdentifier") or subjects[-1].rsplit("/", 1)[-1],
        words("maker-line", category=kind, maker=maker) if maker else words.join([kind]),
        code,
        # A pack's address is longer than its model's.
        max(subjects, key=len),
        tuple(_facts(claims, vocabulary, words)),
    )


def _facts(claims: Mapping[str, Any], vocabulary: Vocabulary, words: Words) -> Iterable[tuple[str, Markup]]:
    for id_ in _FACTS:
        if id_ in claims:
            indicator = vocabulary.indicators[id_]
            value = claims[id_]
            short = value.get("chemistryShortName") if isinstance(value, dict) else None
            html = words.join([short]) if isinstance(short, str) else value_cells.render(indicator, value, words).html
            yield words.say(indicator.in_text), html


def _text(claims: Mapping[str, Any], key: str) -> str:
    value = claims.get(key)
    return value if isinstance(value, str) and len(value) <= 120 else ""
