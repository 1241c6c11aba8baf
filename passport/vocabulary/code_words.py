"""Words of input files in place of codes, and plain text in place of text with languages.

A maker's table says ``Flammable liquid 2 (H225)`` or ``CE marking``; the passport says ``flammableLiquids`` and
``ceMarking``. Three readings are safe and are made here, before anything is judged:

1. A code's own label or alternative label, Chinese or English, is its code.
2. A hazard class in words is known by its H statements, each of which belongs to one class of the CLP Regulation.
3. Plain text where a value per language belongs is Chinese if it has a Chinese character, else English.

Any other text stays unchanged, so that validation can refuse it and quote it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from passport.vocabulary.vocabulary import Datatype, Enumeration, Field, Indicator

#: H statement -> hazard class (Regulation (EC) No 1272/2008, Annex I). Letters behind a number do not change the class.
HAZARD_STATEMENTS: Mapping[str, str] = {
    statement: code
    for code, statements in {
        "explosives": "H200 H201 H202 H203 H204 H205",
        "desensitisedExplosives": "H206 H207 H208",
        "flammableGases": "H220 H221 H230 H231 H232",
        "aerosols": "H222 H223 H229",
        "flammableLiquids": "H224 H225 H226",
        "flammableSolids": "H228",
        "selfReactive": "",  # H240 to H242 are shared with organic peroxides and decide nothing
        "pyrophoricSolids": "",  # H250 is shared by liquids and solids
        "selfHeating": "H251 H252",
        "waterReactive": "H260 H261",
        "oxidisingGases": "H270",
        "gasesUnderPressure": "H280 H281",
        "corrosiveToMetals": "H290",
        "acuteToxicity": "H300 H301 H302 H310 H311 H312 H330 H331 H332",
        "aspirationHazard": "H304",
        "skinCorrosionOrIrritation": "H314 H315",
        "respiratoryOrSkinSensitisation": "H317 H334",
        "eyeDamageOrIrritation": "H318 H319",
        "organToxicitySingleExposure": "H335 H336 H370 H371",
        "organToxicityRepeatedExposure": "H372 H373",
        "germCellMutagenicity": "H340 H341",
        "carcinogenicity": "H350 H351",
        "reproductiveToxicity": "H360 H361 H362",
        "aquaticHazard": "H400 H401 H402 H410 H411 H412 H413",
        "ozoneLayerHazard": "H420",
    }.items()
    for statement in statements.split()
}

#: Other words for the marks of a label. A QR code is a mark that the list has no code of its own for.
LABEL_SUBJECTS: Mapping[str, str] = {
    "crossed-out wheeled bin": "separateCollection",
    "crossed-out bin": "separateCollection",
    "weee symbol": "separateCollection",
    "qr code": "other",
}

_H_STATEMENT = re.compile(r"\bH([0-9]{3})[A-Za-z]{0,2}\b")
_CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003134f]")


def in_codes(value: Any, kind: Indicator | Field) -> Any:
    """A value in the words of the vocabulary, as far as it can be read safely; anything else comes back unchanged.

    :param value: as the file has it, of any type.
    :param kind: the indicator or field that it is given for.
    """
    listed = kind.repeatable and isinstance(value, list)
    values = value if listed else [value]
    if kind.datatype is Datatype.LANG_STRING:
        values = [by_language(item) for item in values]
    elif kind.enumeration is not None:
        values = [code for item in values for code in _codes(item, kind.enumeration, kind.repeatable)]
    return values if listed or (kind.repeatable and value is not None) else values[0]


def by_language(value: Any) -> Any:
    """Plain text as a map of languages; tags of a map in lower case."""
    if isinstance(value, str) and value.strip():
        return {"zh" if _CHINESE.search(value) else "en": value}
    if isinstance(value, dict):
        lowered = {str(tag).lower(): text for tag, text in value.items()}
        return lowered if len(lowered) == len(value) else value
    return value


def _codes(value: Any, listed: Enumeration, several: bool) -> list[Any]:
    if not isinstance(value, str) or value in listed:
        return [value]
    folded = " ".join(value.split()).casefold()
    for code in listed.codes:
        others = (label for labels in code.alternatives.values() for label in labels)
        if folded in (label.casefold() for label in (*code.label.values(), *others)):
            return [code.code]
    if listed.id == "labelSubject" and folded in LABEL_SUBJECTS:
        return [LABEL_SUBJECTS[folded]]
    if listed.id == "hazardClass" and several:
        named = [HAZARD_STATEMENTS.get(f"H{number}") for number in _H_STATEMENT.findall(value)]
        # One unknown statement, and the text is left whole: part of a hazard must not pass for all of it.
        if named and None not in named:
            return list(dict.fromkeys(named))
    return [value]
