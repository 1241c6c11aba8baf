"""UNTP Digital Product Passport 0.6.1 (United Nations Transparency Protocol), both ways.

The credential is written *unsigned*: UNTP asks for an enveloping JOSE proof, which this module does not make. The
document is complete without it by UNTP's schema, and every term in it is defined by the W3C and UNTP contexts.

UNTP describes products of any kind, so the format holds identity, maker, place, size, mass, carbon footprint, materials
and documents of a battery, and nothing of its performance. Two of its members are open lists, and are used in a way
that reads back without loss:

* ``furtherInformation``: a link whose ``linkType`` is the IRI of our term;
* ``productCategory``: a classification whose scheme is one of our code lists.

No claim of conformity is written: only the maker can state it, and a record of values is no such statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from passport.battery.fault import found
from passport.battery.record import Record
from passport.exchange import correspondences, peer_format
from passport.exchange.converters import CAS, DAY, LINK, NUMBER, TEXT, Unwritable, ValueConverter, number
from passport.exchange.correspondences import Rule, Single, at, entries_at, put
from passport.exchange.footprint_methods import eu_method, method_iri, method_label
from passport.exchange.headers import read_period
from passport.exchange.leaves import LeafDocument
from passport.exchange.peer_format import Export, Notes, PeerReading
from passport.exchange.untp.untp_document import require_version, unwrapped
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import CODES
from passport.vocabulary.vocabulary import Carrier, Datatype, Enumeration, Indicator

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/")
VERSION = "0.6.1"

#: What only changes its name; paths below ``credentialSubject``.
RULES: tuple[Rule, ...] = (
    Single("product.id", "batteryIdentifier", LINK),
    Single("product.name", "batteryModelIdentifier", TEXT),
    Single("product.registeredId", "gtin", TEXT, required=False),
    Single("product.batchNumber", "batchNumber", TEXT, required=False),
    Single("product.serialNumber", "serialNumber", TEXT, required=False),
    Single("product.productionDate", "manufacturingDate", DAY, required=False),
    Single("product.countryOfProduction", "manufacturingPlace", TEXT, "addressCountry", required=False),
    Single("product.producedByParty.name", "manufacturerName", TEXT),
    Single("product.producedByParty.registeredId", "manufacturerIdentifier", TEXT, required=False),
    Single("product.producedByParty.id", "manufacturerContact", LINK, "webAddress"),
    Single("product.producedAtFacility.registeredId", "facilityIdentifier", TEXT, required=False),
    Single("dueDiligenceDeclaration.linkURL", "dueDiligenceReport", LINK, required=False),
)
#: (path of a measure, indicator, field, unit of ours as UN/CEFACT code, unit -> factor)
_MASS = {"KGM": "1", "GRM": "0.001", "TNE": "1000"}
_LENGTH = {"MMT": "1", "CMT": "10", "MTR": "1000"}
MEASURES: tuple[tuple[str, str, str | None, str, Mapping[str, str]], ...] = (
    ("product.dimensions.weight", "batteryMass", None, "KGM", _MASS),
    ("product.dimensions.length", "batteryDimensions", "length", "MMT", _LENGTH),
    ("product.dimensions.width", "batteryDimensions", "width", "MMT", _LENGTH),
    ("product.dimensions.height", "batteryDimensions", "height", "MMT", _LENGTH),
)
#: The code of the format for a scope that is not stated.
NO_SCOPE = "None"
_ISSUING = "reportingStandard.issuingParty"
#: (indicator, field) whose codes are written as classifications.
CLASSES: tuple[tuple[str, str | None], ...] = (("batteryCategory", None), ("batteryChemistry", "shortName"))
GTIN_SCHEME: JsonObject = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org/01/", "name": "GTIN"}
NOT_READ: Mapping[str, Message] = {
    "credentialSubject.conformityClaim": Message("a claim is a statement of its maker, to be judged with its evidence"),
    "credentialSubject.materialsProvenance": Message("a share alone does not say that the material is critical"),
    "proof": Message("the proof is not checked here"),
    "credentialStatus": Message("the status of the credential is not checked here"),
    "validFrom": Message("the validity of the credential is not checked here"),
    "validUntil": Message("the validity of the credential is not checked here"),
}
_SHARE = number("100")  # theirs is a ratio, ours per cent
_GRAMS = {"GRM": "1", "KGM": "1000", "TNE": "1000000"}
_CAS_SCHEME = "https://commonchemistry.cas.org/"
REASONS: Mapping[str, str] = {
    "manufacturerContact": Message("the format has one address of the maker on the web"),
    "manufacturingPlace": Message("the format has the country"),
    "batteryChemistry": Message("the format has a classification and text that may say anything"),
    "criticalRawMaterials": Message("the format does not mark materials as critical"),
    "hazardousSubstances": Message("the format says that a material is hazardous, not how"),
    "detailedComposition": Message("the format does not say where a material is, nor that it is critical"),
    "recordedAt": Message("the format has no read-outs"),
    "statusChangedAt": Message("the format has no read-outs"),
}  # fmt: skip


def _links() -> tuple[tuple[Indicator, str | None], ...]:
    """Indicators that are links, or have one as a field."""
    links: list[tuple[Indicator, str | None]] = []
    own = {rule.indicator for rule in RULES} | {"batteryPassportIdentifier", "previousPassport"}
    for indicator in vocabulary_module.load().indicators.values():
        if indicator.carrier is Carrier.EVENT or indicator.id in own:
            continue
        if indicator.datatype is Datatype.ANY_URI:
            links.append((indicator, None))
        elif (field := indicator.field("documentUrl")) and indicator.carrier is not Carrier.CONDITION:
            links.append((indicator, field.name))
    return tuple(links)


# --- writing --------------------------------------------------------------------------------------------------------


def write(record: Record) -> Export:
    """The unsigned credential of a record."""
    notes = Notes(reasons=dict(REASONS))
    subject: dict[str, Any] = {"type": ["ProductPassport"], "granularityLevel": "item"}
    correspondences.write(RULES, record, subject, notes, "credentialSubject.")
    for path, indicator, field, unit, _ in MEASURES:
        value = record.value(indicator)
        value = value.get(field) if field and isinstance(value, Mapping) else value
        if value is not None:
            _try(
                lambda value=value: NUMBER.write(value),
                indicator,
                notes,
                lambda made, path=path, unit=unit: put(subject, path, {"value": made, "unit": unit}),
            )
    product = subject["product"]
    product["type"] = ["Product"]
    product["idScheme"] = dict(GTIN_SCHEME)
    if record.value("gtin") is None:
        del product["idScheme"]
    chemistry = record.value("batteryChemistry")
    if isinstance(chemistry, Mapping) and isinstance(chemistry.get("clearName"), str):
        product["description"] = chemistry["clearName"]  # not read back: the text is free
    if facility := product.get("producedAtFacility"):
        facility |= {"id": peer_format.NO_LINK, "name": peer_format.NO_TEXT}
        notes.filled += [f"$.credentialSubject.product.producedAtFacility.{name}" for name in ("id", "name")]
    product["productCategory"] = _classes(record)
    product["furtherInformation"] = _further(record)
    _write_footprint(record, subject, notes)
    subject["materialsProvenance"] = list(_materials(record, notes))
    if "dueDiligenceDeclaration" in subject:
        name = vocabulary_module.load().indicators["dueDiligenceReport"].label["en"]
        subject["dueDiligenceDeclaration"] |= {"linkName": name}
    document = {
        "@context": list(CONTEXTS),
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "id": record.value("batteryPassportIdentifier") or peer_format.NO_UUID,
        "issuer": _issuer(record, notes),
        "credentialSubject": subject,
    }
    if document["id"] == peer_format.NO_UUID:
        notes.filled.append("$.id")
    return peer_format.exported(document, record, read(document).record, notes)


def _try(make: Any, indicator: str, notes: Notes, use: Any) -> None:
    try:
        use(make())
    except Unwritable as error:
        notes.reasons[indicator] = error.reason


def _issuer(record: Record, notes: Notes) -> dict[str, Any]:
    operator = record.value("operatorInformation")
    operator = operator if isinstance(operator, Mapping) else {}
    issuer = {"type": ["CredentialIssuer"], "id": operator.get("webAddress"), "name": operator.get("name")}
    for name, placeholder in (("id", peer_format.NO_LINK), ("name", peer_format.NO_TEXT)):
        if not isinstance(issuer[name], str):
            issuer[name] = placeholder
            notes.filled.append(f"$.issuer.{name}")
    return issuer


def _listed(indicator: str, field: str | None) -> tuple[Texts, Enumeration]:
    """The label and the code list of one of :data:`CLASSES`: an indicator, or a field of one."""
    known = vocabulary_module.load().indicators[indicator]
    term = known.field(field) if field else known
    assert term is not None and term.enumeration is not None, f"{indicator} {field or ''} has no code list"
    return term.label, term.enumeration


def _classes(record: Record) -> list[dict[str, Any]]:
    entries = []
    for indicator, field in CLASSES:
        label, codes = _listed(indicator, field)
        value = record.value(indicator)
        value = value.get(field) if field and isinstance(value, Mapping) else value
        code = codes.get(value) if isinstance(value, str) else None
        if code is not None:
            scheme = f"{CODES}{codes.id}"
            entries.append(
                {
                    "type": ["Classification"],
                    "id": f"{scheme}.{code.code}",
                    "code": code.code,
                    "name": code.label["en"],
                    "schemeID": scheme,
                    "schemeName": label["en"],
                }
            )
    return entries


def _further(record: Record) -> list[dict[str, str]]:
    entries = []
    for indicator, field in _links():
        value = record.value(indicator.id)
        for item in value if isinstance(value, list) else [value]:
            link = item.get(field) if field and isinstance(item, Mapping) else item
            if isinstance(link, str):
                entries.append({"linkURL": link, "linkName": indicator.label["en"], "linkType": indicator.iri})
    return entries


def _write_footprint(record: Record, subject: dict[str, Any], notes: Notes) -> None:
    value, method = record.value("batteryCarbonFootprint"), record.value("carbonFootprintMethod")
    if value is None:
        return
    name = method_label(method) if isinstance(method, str) else None
    if name is None:
        notes.reasons["batteryCarbonFootprint"] = Message(
            "the format has footprints by any method, and the method of this one is not known"
        )
        return

    def use(made: Any) -> None:
        place = "$.credentialSubject.emissionsScorecard"
        subject["emissionsScorecard"] = {
            "carbonFootprint": made,
            "declaredUnit": "KWH",
            "operationalScope": NO_SCOPE,
            "primarySourcedRatio": peer_format.NO_NUMBER,
            "reportingStandard": {
                "type": ["Standard"],
                "id": method_iri(str(method)),
                "name": name,
                "issuingParty": {"id": peer_format.NO_LINK, "name": peer_format.NO_TEXT},
            },
        }
        filled = ("operationalScope", "primarySourcedRatio", *(f"{_ISSUING}.{part}" for part in ("id", "name")))
        notes.filled.extend(f"{place}.{member}" for member in filled)

    _try(lambda: NUMBER.write(value), "batteryCarbonFootprint", notes, use)


def _materials(record: Record, notes: Notes) -> Iterator[JsonObject]:
    """One entry for each material, told apart by what it says: a mass, a hazard, or neither."""
    # What is not known to be hazardous is not said to be harmless.
    for indicator, share, hazardous in (("criticalRawMaterials", "massFraction", None),
                                        ("hazardousSubstances", "concentration", True),
                                        ("detailedComposition", None, None)):  # fmt: skip
        for item in peer_format.entries(record, indicator):
            if not isinstance(item.get("name"), str):
                continue
            entry: dict[str, Any] = {"name": item["name"]}
            try:
                if "identifier" in item:
                    code = CAS.write(item["identifier"])
                    entry["materialType"] = {
                        "type": ["Classification"],
                        "id": f"{_CAS_SCHEME}detail?cas_rn={code}",
                        "code": code,
                        "name": item["name"],
                        "schemeID": _CAS_SCHEME,
                        "schemeName": "CAS",
                    }
                if share and share in item:
                    entry["massFraction"] = _SHARE.write(item[share])
                if hazardous:
                    entry["hazardous"] = True
                if share is None:
                    entry["mass"] = {"value": NUMBER.write(item.get("mass")), "unit": "GRM"}
            except Unwritable as error:
                notes.reasons[indicator] = error.reason
                continue
            yield entry


# --- reading --------------------------------------------------------------------------------------------------------


def read(document: Any, file: str = "untp-dpp.json", *, on: date | None = None) -> PeerReading:
    """Map a Digital Product Passport, signed or not: proofs are not looked at.

    :raises FaultyRecord: it is none.
    """
    document, warnings = unwrapped(document, file)
    subject = document.get("credentialSubject") if isinstance(document, Mapping) else None
    if not isinstance(subject, Mapping) or not isinstance(subject.get("product"), Mapping):
        raise peer_format.other_format(file, Message("no UNTP Digital Product Passport"),
                                Message("a credentialSubject with a product"), found(document))  # fmt: skip
    require_version(document, CONTEXTS[1], file)
    document = peer_format.without_placeholders(document)[0]
    # A subject that holds nothing but placeholders went with them.
    subject, source, prefix = document.get("credentialSubject", {}), LeafDocument(file), "credentialSubject."
    _read_headers(document, subject, source, on)
    if isinstance(document.get("id"), str) and document["id"] != peer_format.NO_UUID:
        source.put("batteryPassportIdentifier", document["id"], "id")
    correspondences.read(RULES, subject, source, prefix)
    for path, indicator, field, _, factors in MEASURES:
        _read_measure(subject, path, factors, indicator, field, source)
    _read_issuer(document, source)
    for entry, place in entries_at(subject, "product.productCategory", source, prefix):
        scheme, code = at(entry, "schemeID")[0], at(entry, "code")[0]
        for indicator, field in CLASSES:
            _, codes = _listed(indicator, field)
            if scheme == f"{CODES}{codes.id}" and isinstance(code, str):
                source.put(indicator, code, f"{place}.code", field=field)
                source.take(*(f"{place}.{name}" for name in ("schemeID", "schemeName", "name", "id")))
    _read_further(subject, source, prefix)
    _read_footprint(subject, source, prefix)
    _read_materials(subject, source, prefix)
    source.name_rest(document, NOT_READ)
    record = source.record()
    known = correspondences.places(RULES, prefix) | {m[1]: f"$.{prefix}{m[0]}" for m in MEASURES}
    known |= {indicator.id: f"$.{prefix}product.furtherInformation" for indicator, _ in _links()}
    known |= {
        "batteryCategory": f"$.{prefix}product.productCategory",
        "batteryCarbonFootprint": f"$.{prefix}emissionsScorecard",
    }
    return PeerReading(record, (*warnings, *source.faults), peer_format.gaps(record, file, known))


def _read_headers(document: Any, subject: Any, source: LeafDocument, on: date | None) -> None:
    _take_types(document, source)
    path, grain = "credentialSubject.granularityLevel", at(subject, "granularityLevel")[0]
    if grain == "item":
        source.take(path)
    elif grain is not None:
        source.faulty("other-granularity", path, None, "item", grain, Message("the passport is not of one battery"))
    begins, ends = ((name, document.get(name)) for name in ("validFrom", "validUntil"))
    read_period(source, begins, ends, on)
    if at(subject, "product.idScheme.id")[0] == GTIN_SCHEME["id"]:
        source.take("credentialSubject.product.idScheme")


def _take_types(value: Any, source: LeafDocument, path: str = "") -> None:
    """What says only of which class a node is."""
    if isinstance(value, Mapping):
        for name, held in value.items():
            inner = f"{path}.{name}" if path else str(name)
            if name in ("type", "@context"):
                source.take(inner)
            elif path or name in ("credentialSubject", "issuer"):
                _take_types(held, source, inner)
    elif isinstance(value, list):
        for n, held in enumerate(value):
            _take_types(held, source, f"{path}[{n}]")


def _read_issuer(document: Any, source: LeafDocument) -> None:
    for name, field in (("id", "webAddress"), ("name", "name")):
        value = at(document, f"issuer.{name}")[0]
        if isinstance(value, str) and (field == "name" or value.startswith(("https:", "http:"))):
            source.put("operatorInformation", value, f"issuer.{name}", field=field)


def _read_measure(
    holder: Any, path: str, factors: Mapping[str, str], indicator: str, field: str | None, source: LeafDocument
) -> None:
    measure = at(holder, path)[0]
    if measure is None:
        return
    place = f"credentialSubject.{path}"
    unit, value = at(measure, "unit")[0], at(measure, "value")[0]
    factor = factors.get(unit) if isinstance(unit, str) else None
    if factor is None:
        source.inexact_unit(
            f"{place}.unit",
            indicator,
            Message("one of {units}", units=", ".join(factors)),
            unit,
        )
    elif value is not None:
        source.take(f"{place}.unit")
        source.put(
            indicator, source.value(number(factor), value, f"{place}.value", indicator), f"{place}.value", field=field
        )


def _read_further(subject: Any, source: LeafDocument, prefix: str) -> None:
    by_iri = {indicator.iri: (indicator, field) for indicator, field in _links()}
    counts: dict[str, int] = {}
    for entry, place in entries_at(subject, "product.furtherInformation", source, prefix):
        kind, link = at(entry, "linkType")[0], at(entry, "linkURL")[0]
        indicator, field = by_iri.get(kind, (None, None)) if isinstance(kind, str) else (None, None)
        if indicator is None or link is None:
            continue
        value = source.value(LINK, link, f"{place}.linkURL", indicator.id)
        if value is not None:
            n = counts[indicator.id] = counts.get(indicator.id, -1) + 1
            source.put(indicator.id, value, f"{place}.linkURL", entry=n if indicator.repeatable else None, field=field)
            source.take(f"{place}.linkType")
            if at(entry, "linkName")[0] == indicator.label["en"]:
                source.take(f"{place}.linkName")


def _read_footprint(subject: Any, source: LeafDocument, prefix: str) -> None:
    value, place = at(subject, "emissionsScorecard.carbonFootprint")
    if value is None:
        return
    card = f"{prefix}emissionsScorecard"
    unit = at(subject, "emissionsScorecard.declaredUnit")[0]
    if unit != "KWH":
        source.inexact_unit(
            f"{card}.declaredUnit",
            "batteryCarbonFootprint",
            Message("KWH: kilograms for each kilowatt-hour"),
            unit,
        )
        return
    names = {name: at(subject, f"emissionsScorecard.reportingStandard.{name}")[0] for name in ("id", "name")}
    method = eu_method(*names.values())
    if method is None:
        source.faulty(
            "not-taken",
            prefix + place,
            "batteryCarbonFootprint",
            Message("a figure by a method of the EU"),
            value,
            Message("the figure is by another method, or by one that is not said"),
            "loss",
        )
        return
    source.take(f"{card}.declaredUnit")
    if at(subject, "emissionsScorecard.operationalScope")[0] == NO_SCOPE:
        source.take(f"{card}.operationalScope")
    told = [f"{card}.reportingStandard.{name}" for name, text in names.items() if eu_method(text) == method]
    source.put("carbonFootprintMethod", method, told[0])
    source.take(*told)
    source.put(
        "batteryCarbonFootprint", source.value(NUMBER, value, prefix + place, "batteryCarbonFootprint"), prefix + place
    )


def _read_materials(subject: Any, source: LeafDocument, prefix: str) -> None:
    counts: dict[str, int] = {}

    def take(kind: ValueConverter, value: Any, place: str, indicator: str, n: int, field: str) -> None:
        if value is not None:
            source.put(indicator, source.value(kind, value, place, indicator), place, entry=n, field=field)

    for entry, place in entries_at(subject, "materialsProvenance", source, prefix):
        mass = at(entry, "mass")[0]
        hazardous = at(entry, "hazardous")[0]
        if hazardous is True:
            indicator, field = "hazardousSubstances", "concentration"
        elif hazardous is None and mass is not None:
            indicator, field = "detailedComposition", None
        else:
            continue  # a share alone does not say that the material is critical
        n = counts[indicator] = counts.get(indicator, -1) + 1
        source.take(f"{place}.hazardous")
        take(TEXT, at(entry, "name")[0], f"{place}.name", indicator, n, "name")
        if at(entry, "materialType.schemeName")[0] == "CAS":
            source.take(*(f"{place}.materialType.{name}" for name in ("schemeName", "schemeID", "id")))
            if at(entry, "materialType.name")[0] == at(entry, "name")[0]:
                source.take(f"{place}.materialType.name")
            take(TEXT, at(entry, "materialType.code")[0], f"{place}.materialType.code", indicator, n, "identifier")
        if field:
            take(_SHARE, at(entry, "massFraction")[0], f"{place}.massFraction", indicator, n, field)
        else:
            factor = _GRAMS.get(str(at(mass, "unit")[0]))
            if factor is None:
                source.inexact_unit(
                    f"{place}.mass.unit",
                    indicator,
                    Message("one of {units}", units=", ".join(_GRAMS)),
                    at(mass, "unit")[0],
                )
            else:
                source.take(f"{place}.mass.unit")
                take(number(factor), at(mass, "value")[0], f"{place}.mass.value", indicator, n, "mass")
