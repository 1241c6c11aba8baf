"""A small ontology for tests of what a reader refuses: the same words and code lists, a dozen indicators.

Cut out of ``ontology/battery.ttl``, so that it never falls behind. The whole file has 6,200 lines, which takes a second
to parse for each fault.
"""

from __future__ import annotations

import re

#: At least one indicator or term of each kind of statement in which a test makes a mistake.
INDICATORS = {
    "nominalVoltage", "minimumVoltage", "maximumVoltage", "ratedEnergy", "batchNumber", "batteryModelIdentifier",
    "cadmiumLeadSymbol", "componentMass", "originalPowerCapability", "initialInternalResistancePack",
    "recyclingOutboundRecord", "vehicleSaleRecord",
}  # fmt: skip
TERMS = {"cellShape"}
#: Code lists that the statements name by prefixes of their own.
LISTS = {
    "audience", "batteryCategory", "carrier", "category", "dimension", "exportClass", "granularity", "stage",
    "staticDynamic", "status",
}  # fmt: skip


def cut(text: str) -> str:
    """The statements about :data:`INDICATORS` and about all that they need."""
    statements = re.split(r"\n(?=[A-Za-z<@#])", text)
    kept = [statement for statement in statements if _is_kept(statement)]
    terms = TERMS | set(re.findall(r"meta:writtenAs \w+:(\w+)", "\n".join(kept)))
    kept += [statement for statement in statements if " a meta:Term" in statement and _name(statement) in terms]
    lists = LISTS | set(re.findall(r"meta:codes codes:(\w+)", "\n".join(kept)))
    kept += [statement for statement in statements if " a skos:Concept" in statement and _list(statement) in lists]
    return "\n".join(kept) + "\n"


def _is_kept(statement: str) -> bool:
    if " a meta:Indicator" in statement or " a meta:Field" in statement:
        return _name(statement) in INDICATORS
    return not re.search(r" a (meta:Term|skos:Concept|owl:AnnotationProperty)", statement)


def _name(statement: str) -> str:
    """``ratedEnergy`` of ``bp:ratedEnergy a …``, and of ``bp:ratedEnergy.field a …``."""
    return re.match(r"[\w-]+:(\w+)", statement)[1]


def _list(statement: str) -> str:
    code = re.search(r"skos:inScheme codes:(\w+)", statement)
    return code[1] if code else _name(statement)
