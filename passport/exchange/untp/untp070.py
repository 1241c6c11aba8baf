"""UNTP Digital Product Passport 0.7.0 (United Nations Transparency Protocol), both ways.

Beside :mod:`passport.exchange.untp.untp` (0.6.1): the product is the subject itself, parties have roles, materials
have an origin. What is written is the credential *unsigned*, valid by the published schema, and says no more than the
record:

* a document is a link whose ``linkType`` is the IRI of our term; a code is a classification of one of our lists;
* no claim of performance is written: that is a statement of its maker, and a record of values does not make it;
* a material is written only with its share, which the schema asks for; its country of origin is not known and a
  placeholder.

Headers are data on the way in: a passport about a model or a batch is a fault, one that is not valid on the given
day too; the status and the proof of the credential are named as not checked. Every leaf that is not taken is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from passport.battery.fault import found
from passport.battery.record import Record
from passport.exchange import correspondences, peer_format
from passport.exchange.aas.aas_documents import document_links
from passport.exchange.converters import CAS, DAY, LINK, NUMBER, TEXT, UnreadableValue, Unwritable, number
from passport.exchange.correspondences import Rule, Single, at, entries_at, put
from passport.exchange.headers import read_period
from passport.exchange.leaves import LeafDocument
from passport.exchange.peer_format import NO_INSTANT, NO_LINK, NO_TEXT, NO_UUID, Export, Notes, PeerReading
from passport.exchange.untp.untp_document import require_version, unwrapped
from passport.linked_data.json_types import JsonObject
from passport.texts import Message, say
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.strict_turtle import CODES

CONTEXTS = ("https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/")
ITEM = "item"
_SUBJECT = "credentialSubject"
#: What only changes its name; paths below ``credentialSubject``.
RULES: tuple[Rule, ...] = (
    Single("id", "batteryIdentifier", LINK),
    Single("modelNumber", "batteryModelIdentifier", TEXT, required=False),
    Single("batchNumber", "batchNumber", TEXT, required=False),
    Single("itemNumber", "serialNumber", TEXT, required=False),
    Single("productionDate", "manufacturingDate", DAY, required=False),
    Single("countryOfProduction.countryCode", "manufacturingPlace", TEXT, "addressCountry"),
    Single("producedAtFacility.registeredId", "facilityIdentifier", TEXT, required=False),
)
#: Role -> member of the party, indicator, field, kind.
PARTIES: Mapping[str, tuple[tuple[str, str, str | None, Any], ...]] = {
    "manufacturer": (
        ("name", "manufacturerName", None, TEXT),
        ("registeredId", "manufacturerIdentifier", None, TEXT),
        ("organisationWebsite", "manufacturerContact", "webAddress", LINK),
        ("partyAddress.streetAddress", "manufacturerAddress", "streetAddress", TEXT),
        ("partyAddress.postalCode", "manufacturerAddress", "postalCode", TEXT),
        ("partyAddress.addressLocality", "manufacturerAddress", "addressLocality", TEXT),
        ("partyAddress.addressCountry.countryCode", "manufacturerAddress", "addressCountry", TEXT),
    ),
    "operator": (
        ("name", "operatorInformation", "name", TEXT),
        ("registeredId", "operatorInformation", "identifier", TEXT),
        ("organisationWebsite", "operatorInformation", "webAddress", LINK),
        ("partyAddress.streetAddress", "operatorInformation", "streetAddress", TEXT),
        ("partyAddress.postalCode", "operatorInformation", "postalCode", TEXT),
        ("partyAddress.addressLocality", "operatorInformation", "addressLocality", TEXT),
        ("partyAddress.addressCountry.countryCode", "operatorInformation", "addressCountry", TEXT),
    ),
}
_MASS, _LENGTH = {"KGM": "1", "GRM": "0.001", "TNE": "1000"}, {"MMT": "1", "CMT": "10", "MTR": "1000"}
#: (path of a measure, indicator, field, unit of ours as UN/CEFACT code, unit -> factor)
MEASURES: tuple[tuple[str, str, str | None, str, Mapping[str, str]], ...] = (
    ("dimensions.weight", "batteryMass", None, "KGM", _MASS),
    ("dimensions.length", "batteryDimensions", "length", "MMT", _LENGTH),
    ("dimensions.width", "batteryDimensions", "width", "MMT", _LENGTH),
    ("dimensions.height", "batteryDimensions", "height", "MMT", _LENGTH),
)
#: (indicator, field) whose codes are written as classifications.
CLASSES: tuple[tuple[str, str | None], ...] = (("batteryCategory", None), ("batteryChemistry", "shortName"))
_SYMBOLS = ("separateCollectionSymbol", "carbonFootprintLabel", "ceMarking")
_SHARE = number("100")  # theirs is a ratio, ours per cent
_CAS_SCHEME = "https://commonchemistry.cas.org/"
_GTIN_SCHEME = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org/01/", "name": "GTIN"}
REASONS: Mapping[str, Message] = {
    "gtin": Message("the format has it within the identifier only"),
    "manufacturingPlace": Message("the format has the country"),
    "manufacturerContact": Message("the format has one address of the maker on the web"),
    "operatorInformation": Message("the format has no trade name and no e-mail of a party"),
    "batteryChemistry": Message("the format has a classification"),
    "criticalRawMaterials": Message("the format does not mark materials as critical"),
    "hazardousSubstances": Message("the format says that a material is hazardous, not how"),
    "detailedComposition": Message("the format asks for the share of a material"),
    "batteryCarbonFootprint": Message("the format has it in claims of the maker only"),
    "recordedAt": Message("the format has no read-outs"),
    "statusChangedAt": Message("the format has no read-outs"),
}
NOT_READ: Mapping[str, Message] = {
    f"{_SUBJECT}.performanceClaim": Message("a claim is a statement of its maker, to be judged with its evidence"),
    f"{_SUBJECT}.materialProvenance": Message("a share alone does not say that the material is critical"),
    "issuer": Message("who issued the credential is no datum of the battery"),
    "proof": Message("the proof is not checked here"),
    "credentialStatus": Message("the status of the credential is not checked here"),
    "validUntil": Message("the validity of the credential is not checked here"),
}


def _links() -> tuple[tuple[str, str | None], ...]:
    return (*document_links(), *((name, None) for name in _SYMBOLS))


# --- writing --------------------------------------------------------------------------------------------------------


def write(record: Record) -> Export:
    """The unsigned credential of a record."""
    notes = Notes(reasons=dict(REASONS))
    subject: JsonObject = {"type": ["Product"], "idGranularity": ITEM}
    correspondences.write(RULES, record, subject, notes, f"{_SUBJECT}.")
    _fill(subject, "name", record.value("batteryModelIdentifier"), NO_TEXT, notes, f"{_SUBJECT}.")
    _write_scheme(record, subject, notes)
    for path, indicator, field, unit, _ in MEASURES:
        value = _held(record, indicator, field)
        made = None if value is None else _written(NUMBER, value, indicator, notes)
        if made is not None:
            put(subject, path, {"value": made, "unit": unit})
    facility = subject.setdefault("producedAtFacility", {})
    facility["type"] = ["Facility"]
    for name, placeholder in (("id", NO_LINK), ("name", NO_TEXT)):
        _fill(facility, name, None, placeholder, notes, f"{_SUBJECT}.producedAtFacility.")
    subject["productCategory"] = list(_classes(record))
    subject["relatedDocument"] = list(_documents(record, notes))
    subject["relatedParty"] = list(_parties(record, notes))
    subject["materialProvenance"] = list(_materials(record, notes))
    for name in ("relatedDocument", "relatedParty", "materialProvenance"):
        if not subject[name]:
            del subject[name]
    document: JsonObject = {
        "@context": list(CONTEXTS),
        "type": ["DigitalProductPassport", "VerifiableCredential"],
        "issuer": {"type": ["CredentialIssuer"]},
        "credentialSubject": subject,
    }
    passport, operator = record.value("batteryPassportIdentifier"), record.value("operatorInformation")
    operator = operator if isinstance(operator, Mapping) else {}
    _fill(document, "id", passport, NO_UUID, notes)
    _fill(document, "name", record.value("batteryModelIdentifier"), NO_TEXT, notes)
    _fill(document, "validFrom", None, NO_INSTANT, notes)  # who signs it decides from when it is valid
    _fill(document["issuer"], "id", operator.get("webAddress"), NO_LINK, notes, "issuer.")
    _fill(document["issuer"], "name", operator.get("name"), NO_TEXT, notes, "issuer.")
    return peer_format.exported(document, record, read(document).record, notes)


def _fill(part: JsonObject, name: str, value: Any, placeholder: str, notes: Notes, prefix: str = "") -> None:
    if not isinstance(value, str) or not value:
        value = placeholder
        notes.filled.append(f"$.{prefix}{name}")
    part[name] = value


def _held(record: Record, indicator: str, field: str | None) -> Any:
    value = record.value(indicator)
    if field is None:
        return value
    return value.get(field) if isinstance(value, Mapping) else None


def _written(kind: Any, value: Any, indicator: str, notes: Notes) -> Any:
    try:
        return kind.write(value)
    except Unwritable as error:
        notes.reasons[indicator] = error.reason
        return None


def _write_scheme(record: Record, subject: JsonObject, notes: Notes) -> None:
    gtin, identifier = record.value("gtin"), record.value("batteryIdentifier")
    if isinstance(gtin, str) and isinstance(identifier, str) and f"/01/{gtin}/" in identifier:
        subject["idScheme"] = dict(_GTIN_SCHEME)
        return
    subject["idScheme"] = {"type": ["IdentifierScheme"]}
    for name, placeholder in (("id", NO_LINK), ("name", NO_TEXT)):
        _fill(subject["idScheme"], name, None, placeholder, notes, f"{_SUBJECT}.idScheme.")


def _classes(record: Record) -> Iterator[JsonObject]:
    for indicator, field in CLASSES:
        label, codes = _listed(indicator, field)
        value = _held(record, indicator, field)
        code = codes.get(value) if isinstance(value, str) else None
        if code is not None:
            yield {
                "code": code.code,
                "name": say(code.label, "en"),
                "schemeId": f"{CODES}{codes.id}",
                "schemeName": say(label, "en"),
            }


def _listed(indicator: str, field: str | None) -> tuple[Any, Any]:
    """The label and the code list of one of :data:`CLASSES`."""
    known = vocabulary_module.load().indicators[indicator]
    term = known.field(field) if field else known
    assert term is not None and term.enumeration is not None, f"{indicator} {field or ''} has no code list"
    return term.label, term.enumeration


def _documents(record: Record, notes: Notes) -> Iterator[JsonObject]:
    for indicator, field in _links():
        known = vocabulary_module.load().indicators[indicator]
        value = record.value(indicator)
        for item in value if isinstance(value, list) else [value]:
            entry = item if isinstance(item, Mapping) else {}
            link = entry.get(field) if field else item
            if link is None or (written := _written(LINK, link, indicator, notes)) is None:
                continue
            document = {"linkURL": written, "linkName": say(known.label, "en"), "linkType": known.iri}
            if isinstance(entry.get("mimeType"), str):
                document["mediaType"] = entry["mimeType"]
            yield document


def _parties(record: Record, notes: Notes) -> Iterator[JsonObject]:
    n = 0
    for role, members in PARTIES.items():
        party: JsonObject = {}
        for path, indicator, field, kind in members:
            value = _held(record, indicator, field)
            made = None if value is None else _written(kind, value, indicator, notes)
            if made is not None:
                put(party, path, made)
        if not party:
            continue
        place = f"{_SUBJECT}.relatedParty[{n}].party."
        party["type"] = ["Party"]
        _fill(party, "id", party.get("organisationWebsite"), NO_LINK, notes, place)
        _fill(party, "name", party.get("name"), NO_TEXT, notes, place)
        address = party.get("partyAddress")
        if address is not None:
            for name in ("streetAddress", "postalCode", "addressLocality", "addressRegion"):
                _fill(address, name, address.get(name), NO_TEXT, notes, f"{place}partyAddress.")
            country = address.setdefault("addressCountry", {})
            _fill(
                country,
                "countryCode",
                country.get("countryCode"),
                NO_TEXT,
                notes,
                f"{place}partyAddress.addressCountry.",
            )
        yield {"role": role, "party": party}
        n += 1


def _materials(record: Record, notes: Notes) -> Iterator[JsonObject]:
    """Materials with their share of the mass."""
    n = 0
    for indicator, share, hazardous in (
        ("criticalRawMaterials", "massFraction", False),
        ("hazardousSubstances", "concentration", True),
    ):
        for item in peer_format.entries(record, indicator):
            name, ratio = item.get("name"), item.get(share)
            made = None if ratio is None else _written(_SHARE, ratio, indicator, notes)
            if not isinstance(name, str) or made is None or not 0 <= made <= 1:
                continue
            place = f"{_SUBJECT}.materialProvenance[{n}]."
            entry: JsonObject = {"name": name, "massFraction": made, "originCountry": {}}
            entry["materialType"] = {"name": name}
            _fill(entry["originCountry"], "countryCode", None, NO_TEXT, notes, f"{place}originCountry.")
            code = item.get("identifier")
            code = None if code is None else _written(CAS, code, indicator, notes)
            entry["materialType"] |= {"schemeId": _CAS_SCHEME, "schemeName": "CAS"}
            _fill(entry["materialType"], "code", code, NO_TEXT, notes, f"{place}materialType.")
            # What is not known to be hazardous is not said to be harmless.
            yield {**entry, "hazardous": True} if hazardous else entry
            n += 1


# --- reading --------------------------------------------------------------------------------------------------------


def read(document: Any, file: str = "untp-dpp.json", *, on: date | None = None) -> PeerReading:
    """Map a Digital Product Passport, signed or not: proofs are not looked at.

    :param on: the day on which the credential has to be valid; without one its validity is named only.
    :raises FaultyRecord: it is none, or of another version.
    """
    document, warnings = unwrapped(document, file)
    subject = document.get(_SUBJECT) if isinstance(document, Mapping) else None
    if not isinstance(subject, Mapping) or not isinstance(document.get("@context"), list):
        raise peer_format.other_format(
            file, Message("no UNTP Digital Product Passport"), Message("a credentialSubject"), found(document)
        )
    require_version(document, CONTEXTS[1], file)
    document = peer_format.without_placeholders(document)[0]
    subject = document.get(_SUBJECT, {})
    source, prefix = LeafDocument(file), f"{_SUBJECT}."
    _take_types(document, source)
    _read_headers(document, subject, source, on)
    correspondences.read(RULES, subject, source, prefix)
    for path, indicator, field, _, factors in MEASURES:
        _read_measure(subject, path, factors, indicator, field, source)
    _read_classes(subject, source)
    _read_documents(subject, source)
    _read_parties(subject, source)
    _read_materials(subject, source)
    _take_names(document, subject, source)
    source.name_rest(document, NOT_READ)
    record = source.record()
    known = correspondences.places(RULES, prefix) | {m[1]: f"$.{prefix}{m[0]}" for m in MEASURES}
    known |= {name: f"$.{prefix}relatedDocument" for name, _ in _links()}
    known |= {name: f"$.{prefix}productCategory" for name, _ in CLASSES}
    known |= {member[1]: f"$.{prefix}relatedParty" for members in PARTIES.values() for member in members}
    known |= {"batteryPassportIdentifier": "$.id", "hazardousSubstances": f"$.{prefix}materialProvenance"}
    return PeerReading(record, (*warnings, *source.faults), peer_format.gaps(record, file, known))


def _take_types(value: Any, source: LeafDocument, path: str = "") -> None:
    """What says only of which class a node is."""
    if isinstance(value, Mapping):
        for name, held in value.items():
            inner = f"{path}.{name}" if path else str(name)
            if name in ("type", "@context"):
                source.take(inner)
            elif path != "" or name == _SUBJECT or name == "issuer":
                _take_types(held, source, inner)
    elif isinstance(value, list):
        for n, held in enumerate(value):
            _take_types(held, source, f"{path}[{n}]")


def _read_headers(document: JsonObject, subject: Any, source: LeafDocument, on: date | None) -> None:
    path, grain = f"{_SUBJECT}.idGranularity", at(subject, "idGranularity")[0]
    if grain == ITEM:
        source.take(path)
    elif grain is not None:
        source.faulty("other-granularity", path, None, ITEM, grain, Message("the passport is not of one battery"))
    identifier = document.get("id")
    if isinstance(identifier, str) and identifier != NO_UUID:
        source.put("batteryPassportIdentifier", identifier, "id")
    else:
        source.take("id")
    if at(subject, "idScheme.id")[0] == _GTIN_SCHEME["id"]:
        source.take(f"{_SUBJECT}.idScheme")
    begins, ends = ((name, document.get(name)) for name in ("validFrom", "validUntil"))
    read_period(source, begins, ends, on)


def _read_measure(
    subject: Any, path: str, factors: Mapping[str, str], indicator: str, field: str | None, source: LeafDocument
) -> None:
    place = f"{_SUBJECT}.{path}"
    value, unit = at(subject, f"{path}.value")[0], at(subject, f"{path}.unit")[0]
    if value is None:
        return
    if not isinstance(unit, str) or unit not in factors:
        message = Message("the unit cannot be converted exactly")
        source.faulty("inexact-unit", f"{place}.unit", indicator, ", ".join(factors), unit, message)
        return
    source.take(f"{place}.unit")
    source.put(indicator, source.value(number(factors[unit]), value, f"{place}.value", indicator), f"{place}.value",
               field=field)  # fmt: skip


def _read_classes(subject: Any, source: LeafDocument) -> None:
    for entry, place in entries_at(subject, "productCategory", source, f"{_SUBJECT}."):
        scheme, code = at(entry, "schemeId")[0], at(entry, "code")[0]
        for indicator, field in CLASSES:
            _, codes = _listed(indicator, field)
            if scheme == f"{CODES}{codes.id}" and isinstance(code, str):
                source.put(indicator, code, f"{place}.code", field=field)
                source.take(*(f"{place}.{name}" for name in ("schemeId", "schemeName", "name")))


def _read_documents(subject: Any, source: LeafDocument) -> None:
    fields = {vocabulary_module.load().indicators[name].iri: (name, field) for name, field in _links()}
    for entry, place in entries_at(subject, "relatedDocument", source, f"{_SUBJECT}."):
        indicator, field = fields.get(str(at(entry, "linkType")[0]), (None, None))
        link, path = at(entry, "linkURL")[0], f"{place}.linkURL"
        if indicator is None or link is None:
            continue
        value = source.value(LINK, link, path, indicator)
        known = vocabulary_module.load().indicators[indicator]
        source.take(f"{place}.linkType", path)
        if at(entry, "linkName")[0] == say(known.label, "en"):
            source.take(f"{place}.linkName")
        n = source.count(indicator) if known.repeatable else None
        source.put(indicator, value, path, entry=n, field=field)
        media = at(entry, "mediaType")[0]
        if known.field("mimeType") and isinstance(media, str):
            source.put(indicator, media, f"{place}.mediaType", entry=n, field="mimeType")


def _read_parties(subject: Any, source: LeafDocument) -> None:
    for entry, place in entries_at(subject, "relatedParty", source, f"{_SUBJECT}."):
        role = at(entry, "role")[0]
        if not isinstance(role, str) or role not in PARTIES:
            continue
        source.take(f"{place}.role")
        website = at(entry, "party.organisationWebsite")[0]
        if website is not None and at(entry, "party.id")[0] == website:
            source.take(f"{place}.party.id")
        for path, indicator, field, kind in PARTIES[role]:
            value, inner = at(entry, f"party.{path}")[0], f"{place}.party.{path}"
            if value is not None:
                source.put(indicator, source.value(kind, value, inner, indicator), inner, field=field)


def _read_materials(subject: Any, source: LeafDocument) -> None:
    indicator = "hazardousSubstances"
    for entry, place in entries_at(subject, "materialProvenance", source, f"{_SUBJECT}."):
        if at(entry, "hazardous")[0] is not True:
            continue
        n = source.count(indicator)
        source.take(f"{place}.hazardous")
        for path, field, kind in (("name", "name", TEXT), ("massFraction", "concentration", _SHARE)):
            value = at(entry, path)[0]
            if value is not None:
                ours = source.value(kind, value, f"{place}.{path}", indicator)
                source.put(indicator, ours, f"{place}.{path}", entry=n, field=field)
        if at(entry, "materialType.name")[0] == at(entry, "name")[0]:
            source.take(f"{place}.materialType.name")
        if at(entry, "materialType.schemeName")[0] == "CAS":
            source.take(f"{place}.materialType.schemeName", f"{place}.materialType.schemeId")
            path, code = f"{place}.materialType.code", at(entry, "materialType.code")[0]
            try:
                ours = None if code is None else CAS.read(code)
            except UnreadableValue:
                ours = None
            source.put(indicator, ours, path, entry=n, field="identifier")


def _take_names(document: JsonObject, subject: Any, source: LeafDocument) -> None:
    """Names that say again what the record holds."""
    model = source.raw["model"].get("batteryModelIdentifier")
    operator = source.raw["pack"].get("operatorInformation", {})
    for path, value, known in (
        ("name", document.get("name"), model),
        (f"{_SUBJECT}.name", at(subject, "name")[0], model),
        ("issuer.name", at(document, "issuer.name")[0], operator.get("name")),
        ("issuer.id", at(document, "issuer.id")[0], operator.get("webAddress")),
    ):
        if value is not None and value == known:
            source.take(path)
