"""AAS environments of IDTA 02035: held to the published templates, there and back, from packages in JSON and XML."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, MalformedDocument, PassportError, UnreadableInput
from passport.exchange import formats, leaves, peer_format
from passport.exchange.aas import aas_mapping, aas_reader, aas_templates, aas_writer, aasx
from passport.exchange.aas.aas_documents import document_links
from passport.exchange.correspondences import Single
from passport.vocabulary.vocabulary import load
from tests.conftest import example_count
from tests.each import each

MODEL_TYPES = {
    "property": "Property", "texts": "MultiLanguageProperty", "file": "File",
    "group": "SubmodelElementCollection", "list": "SubmodelElementList",
}  # fmt: skip
CARDINALITIES = {"One": "1", "ZeroToOne": "?", "OneToMany": "+", "ZeroToMany": "*", None: "1"}


@pytest.fixture(scope="module")
def published(vectors):
    """The published submodels by idShort."""
    paths = sorted((vectors / "idta-02035").glob("part-*.json"))
    read = [json.loads(path.read_text("utf-8"))["submodels"][0] for path in paths]
    return {submodel["idShort"]: submodel for submodel in read}


@pytest.fixture
def document(ev):
    return aas_writer.write(ev).document


def submodel(document, name):
    return next(each for each in document["submodels"] if each["idShort"] == name)


def element(document, path):
    """The element at a path of idShorts and numbers."""
    name, *steps = path.split(".")
    found, inner = None, submodel(document, name)["submodelElements"]
    for step in steps:
        found = inner[int(step)] if step.isdigit() else next(each for each in inner if each["idShort"] == step)
        inner = found.get("value")
    return found


def ids_of(published_element):
    references = [published_element["semanticId"], *published_element.get("supplementalSemanticIds", [])]
    return tuple(reference["keys"][0]["value"] for reference in references)


def cardinality_of(published_element):
    kinds = [q["value"] for q in published_element.get("qualifiers", []) if "Cardinality" in q["type"]]
    return CARDINALITIES[kinds[0] if kinds else None]


# --- the structure against the published templates ------------------------------------------------------------------


def same_structure(own, theirs, path):
    assert MODEL_TYPES[own.kind] == theirs["modelType"], path
    assert own.ids == ids_of(theirs), path
    assert own.cardinality == cardinality_of(theirs), path
    if own.kind == "property":
        assert f"xs:{own.type}" == theirs["valueType"], path
    if own.kind == "list":
        assert own.type == theirs["typeValueListElement"], path
    if own.kind in ("group", "list") and own.name != "AddressInformation":
        inner = theirs["value"]
        names = [each.get("idShort") for each in inner]
        assert own.kind == "list" or [each.name for each in own.elements] == names, path
        assert len(own.elements) == len(inner), path
        for mine, other in zip(own.elements, inner, strict=True):
            same_structure(mine, other, f"{path}.{mine.name}")


@each("name", [name for name in aas_templates.templates() if name != "DppMetadata"])
def test_every_template_has_the_published_structure(published, name):
    own, theirs = aas_templates.templates()[name], published[name]
    assert own.ids == ids_of(theirs)
    assert own.key_type == theirs["semanticId"]["type"]
    administration = theirs["administration"]
    assert (own.version, own.revision, own.template_id) == tuple(
        administration[key] for key in ("version", "revision", "templateId")
    )
    assert [each.name for each in own.elements] == [each["idShort"] for each in theirs["submodelElements"]]
    for mine, other in zip(own.elements, theirs["submodelElements"], strict=True):
        same_structure(mine, other, f"{name}.{mine.name}")


def instance_fits(written, template, path):
    assert written["modelType"] == MODEL_TYPES[template.kind], path
    assert ids_of(written) == template.ids, path
    if template.kind == "property":
        assert written["valueType"] == f"xs:{template.type}", path
    if template.kind == "list":
        for n, entry in enumerate(written.get("value", [])):
            assert "idShort" not in entry, path
            instance_fits(entry, template.entry, f"{path}[{n}]")
    if template.kind == "group":
        fits_all(written.get("value", []), template.elements, path)


def fits_all(written, elements, path):
    names = [item["idShort"] for item in written]
    assert len(set(names)) == len(names), path
    for template in elements:
        own = [item for item in written if item["idShort"].partition("__")[0] == template.name]
        assert len(own) >= (1 if template.required else 0), f"{path}.{template.name}"
        assert template.cardinality in "+*" or len(own) <= 1, f"{path}.{template.name}"
        for item in own:
            instance_fits(item, template, f"{path}.{template.name}")
    assert {name.partition("__")[0] for name in names} <= {item.name for item in elements}, path


def test_what_is_written_has_every_element_that_the_templates_ask_for(pack):
    document = aas_writer.write(pack).document
    assert [each["idShort"] for each in document["submodels"]] == list(aas_templates.templates())
    for template in aas_templates.templates().values():
        written = submodel(document, template.name)
        assert ids_of(written) == template.ids and written["kind"] == "Instance"
        fits_all(written["submodelElements"], template.elements, template.name)


def test_the_mapping_agrees_with_the_links_of_the_ontology():
    """An element's indicator is linked to the term that the element itself names, or to the one around it."""
    unlinked = {
        # Identity of the passport and contact of the maker: IDTA has them, the ontology links the nearest term only.
        "batteryPassportIdentifier", "manufacturerAddress", "manufacturerContact",
    }  # fmt: skip
    for rule in aas_mapping.RULES:
        if not isinstance(rule, Single) or rule.path.startswith("DppMetadata") or rule.indicator in unlinked:
            continue
        name, *steps = rule.path.split(".")
        elements, terms = aas_templates.templates()[name].elements, set()
        for step in steps:
            own = next((each for each in elements if each.name == step), None)
            if own is None:
                break
            terms |= {each.partition("#")[2].lower() for each in own.ids}
            elements = own.elements
        linked = {iri.partition("#")[2].lower() for m in load().indicators[rule.indicator].idta for iri in m.iris}
        if linked:
            assert linked & terms or rule.path.endswith("ModuleLevel"), rule.path


# --- there and back -------------------------------------------------------------------------------------------------


def test_there_and_back_loses_nothing_that_is_not_named_and_adds_nothing(pack):
    export = aas_writer.write(pack)
    again = aas_reader.read(json.loads(json.dumps(export.document)))
    assert again.faults == ()
    lost = {loss.indicator for loss in export.losses}
    values = {**pack.model, **pack.batch, **pack.pack, **(pack.condition or {})}
    for name in values.keys() - lost:
        assert peer_format.same(values[name], (again.record.condition or {}).get(name, again.record.value(name))), name
    assert {
        name for name in {**again.record.model, **again.record.batch, **again.record.pack} if pack.value(name) is None
    } == set()
    assert all(loss.reason for loss in export.losses)


def test_every_document_of_a_record_comes_back_by_its_indicator(pack):
    lost = {loss.indicator for loss in aas_writer.write(pack).losses}
    assert {name for name, _ in document_links()} & lost == set()


def test_an_unknown_is_an_element_without_a_value_and_is_named(ev):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    export = aas_writer.write(bare)
    assert "value" not in element(export.document, "TechnicalData.GeneralInformation.BatteryMass")
    assert "$.TechnicalData.GeneralInformation.BatteryMass" in export.filled
    assert "$.assetAdministrationShells[0].assetInformation.globalAssetId" in export.filled
    reading = aas_reader.read(export.document)
    assert reading.record.model == {"batteryCategory": "ev"} and reading.record.pack == {}
    assert reading.faults == ()


def test_absent_truths_and_numbers_never_become_false_or_zero(ev):
    materials = [{"name": "Graphite", "componentName": "anode"}]
    record = replace(ev, model={**ev.model, "detailedComposition": materials, "hazardousSubstances": [{"name": "X"}]})
    document = aas_writer.write(record).document
    assert "value" not in element(document, "MaterialComposition.BatteryMaterials.0.IsCriticalRawMaterial")
    written = element(document, "MaterialComposition.HazardousSubstances.0")["value"]
    assert "HazardousSubstanceConcentration" not in [each["idShort"] for each in written]
    assert aas_reader.read(document).record.value("detailedComposition") == materials


def test_two_packs_never_share_an_id(ev):
    other = replace(ev, pack={**ev.pack, "batteryIdentifier": "https://passport.example.com/01/09529999001009/21/B"})
    first, second = (
        {each["id"] for part in aas_writer.write(record).document.values() for each in part} for record in (ev, other)
    )
    assert len(first) == 9 and first & second == set()
    assert aas_writer.write(ev).document == aas_writer.write(ev).document


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [("94.5", "roundTripEnergyEfficiencyAt50PercentCycleLife", "whole numbers"),
     ("540.1234567", "batteryMass", "more digits")],
)  # fmt: skip
def test_a_number_that_the_type_does_not_carry_is_left_out_with_the_reason(ev, value, kind, reason):
    export = aas_writer.write(replace(ev, model={**ev.model, kind: value}))
    assert reason in next(loss.reason for loss in export.losses if loss.indicator == kind)
    assert aas_reader.read(export.document).record.value(kind) is None


def test_units_are_converted_exactly(ev):
    document = aas_writer.write(ev).document
    assert element(document, "MaterialComposition.BatteryMaterials.0.BatteryMaterialMass")["value"] == "142.5"
    ratio = "TechnicalData.TechnicalPropertyAreas.PowerCapability.RatioNorminalBatteryPowerAndBatteryEnergy"
    assert element(document, ratio)["value"] == "350"
    assert element(document, "TechnicalData.GeneralInformation.WarrantyInformation.WarrantyPeriod")["value"] == "P96M"


# --- headers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("dppStatus", "Inactive", "inactive-passport"), ("dppStatus", "Archived", "inactive-passport"),
     ("granularity", "Model", "other-granularity"), ("granularity", "Batch", "other-granularity"),
     ("dppSchemaVersion", "EN 99999:2030", "unknown-version")],
)  # fmt: skip
def test_a_passport_that_is_not_in_force_of_another_grain_or_schema_is_a_fault(document, name, value, code):
    element(document, f"DppMetadata.{name}")["value"] = value
    (fault,) = aas_reader.read(document).faults
    assert (fault.code, fault.severity, fault.location.pointer) == (code, "violation", f"$.DppMetadata.{name}")


def test_a_shell_of_a_type_is_a_fault(document):
    document["assetAdministrationShells"][0]["assetInformation"]["assetKind"] = "Type"
    assert [fault.code for fault in aas_reader.read(document).faults] == ["other-granularity"]


def test_a_template_is_a_fault(document):
    submodel(document, "TechnicalData")["kind"] = "Template"
    assert [fault.code for fault in aas_reader.read(document).faults] == ["template"]


def test_a_submodel_of_another_version_is_a_fault(document):
    keys = submodel(document, "ProductCondition")["semanticId"]["keys"]
    keys[0]["value"] = keys[0]["value"].replace("1.0.0", "9.0.0")
    faults = aas_reader.read(document).faults
    # What other submodels say of the condition has no time without this one.
    assert [fault.code for fault in faults if fault.severity == "violation"] == ["unknown-version", "missing-time"]
    assert "not-taken" in {fault.code for fault in faults} or len(faults) == 2


def test_two_contents_for_one_thing_are_a_fault(document):
    element(document, "TechnicalData.GeneralInformation.ManufacturerIdentifier")["value"] = "another"
    reading = aas_reader.read(document)
    (fault,) = reading.faults
    assert fault.code == "duplicate-element" and fault.found == '"another"'
    assert reading.record.value("manufacturerIdentifier") == "9529999000019"


# --- nothing vanishes -----------------------------------------------------------------------------------------------


def test_every_value_of_the_published_structure_is_taken_or_named(published):
    """A value in every element: each comes back in the record, or is named with its place."""
    values = {"string": "text", "date": "2026-05-01", "dateTime": "2026-05-01T00:00:00Z", "boolean": "true",
              "anyURI": "https://example.com/x"}  # fmt: skip

    def fill(item):
        item.pop("qualifiers", None)
        kind, inner = item["modelType"], item.get("value")
        if kind == "Property":
            item["value"] = values.get(item["valueType"].removeprefix("xs:"), "7")
        elif kind == "MultiLanguageProperty":
            item["value"] = [{"language": "de", "text": "Wort"}]
        elif kind == "File":
            item |= {"value": "/aasx/a.pdf", "contentType": "application/pdf"}
        elif inner:
            for child in inner:
                fill(child)

    submodels = json.loads(json.dumps(list(published.values())))
    for item in submodels:
        item["kind"] = "Instance"
        for inner in item["submodelElements"]:
            fill(inner)
    known = [aas_templates.templates()[item["idShort"]] for item in submodels]
    source = leaves.LeafDocument("x")
    tree = aas_reader.value_tree({"submodels": submodels}, known, source)
    everything = {path.replace(".de", ".en") for path, _ in leaves.leaves(tree)}
    reading = aas_reader.read({"submodels": submodels})
    named = {fault.location.pointer.removeprefix("$.").replace(".de", ".en") for fault in reading.faults}
    taken = {place.pointer.removeprefix("$.").replace(".de", ".en") for place in reading.record.places.values()}
    assert len(everything) > 100
    rest = everything - named - taken
    # Said twice, in the same words; the read-out has one time.
    twice = "TechnicalData.GeneralInformation.ManufacturerIdentifier"
    assert sorted(path for path in rest if not path.endswith("LastUpdate")) == [twice]


def test_a_value_that_nothing_takes_is_named_with_its_place_and_reason(document):
    method = {"modelType": "Property", "valueType": "xs:string", "value": "ISO 14067"}
    element(document, "CarbonFootprint.ProductCarbonFootprints.0.PcfCalculationMethods")["value"] = [method]
    submodel(document, "TechnicalData")["submodelElements"].append(
        {"modelType": "Range", "idShort": "Charging", "valueType": "xs:int", "min": "-10", "max": "50"}
    )
    document["submodels"].append({"modelType": "Submodel", "id": "urn:x", "idShort": "Other", "submodelElements": [
        {"modelType": "Property", "idShort": "Colour", "valueType": "xs:string", "value": "red"},
    ]})  # fmt: skip
    faults = {fault.location.pointer: fault for fault in aas_reader.read(document).faults}
    # The figure too: by another method it is none of the EU's.
    assert faults.pop("$.CarbonFootprint.ProductCarbonFootprints[0].PcfCO2eq").code == "not-taken"
    # What belongs to that figure goes with it.
    rest = ("LifeCyclePhases", "ForCalculation", "WebLinkToPublicCarbonFootprintStudy")
    faults = {place: fault for place, fault in faults.items() if not any(name in place for name in rest)}
    assert set(faults) == {
        "$.CarbonFootprint.ProductCarbonFootprints[0].PcfCalculationMethods[0]", "$.TechnicalData.Charging.min",
        "$.TechnicalData.Charging.max", "$.Other.Colour",
    }  # fmt: skip
    assert {fault.code for fault in faults.values()} == {"not-taken"}
    assert {fault.severity for fault in faults.values()} == {"loss"}
    assert "no method of the EU" in str(
        faults["$.CarbonFootprint.ProductCarbonFootprints[0].PcfCalculationMethods[0]"].message
    )


def test_a_second_battery_in_the_file_is_a_fault_and_not_mixed_in(document, examples):
    other = json.loads(json.dumps(submodel(document, "TechnicalData")))
    mass = other["submodelElements"][0]["value"]
    next(each for each in mass if each["idShort"] == "BatteryMass")["value"] = "1"
    document["submodels"].append(other)
    reading = aas_reader.read(document)
    assert reading.record.value("batteryMass") == "540"
    assert [fault.code for fault in reading.faults if fault.severity == "violation"] == ["duplicate-element"]


def test_a_figure_by_a_method_of_the_eu_is_taken_with_its_method(document):
    method = {"modelType": "Property", "valueType": "xs:string", "value": "eu-jrc-2023"}
    element(document, "CarbonFootprint.ProductCarbonFootprints.0.PcfCalculationMethods")["value"] = [method]
    record = aas_reader.read(document).record
    assert (record.value("batteryCarbonFootprint"), record.value("carbonFootprintMethod")) == ("0.154", "eu-jrc-2023")


@pytest.mark.parametrize("name", ["ISO 14067", "cn-mee-2024-63-draft-2025-03", "GHG Protocol"])
def test_a_figure_by_another_method_than_the_eus_is_not_taken_for_the_eus(document, name):
    method = {"modelType": "Property", "valueType": "xs:string", "value": name}
    element(document, "CarbonFootprint.ProductCarbonFootprints.0.PcfCalculationMethods")["value"] = [method]
    reading = aas_reader.read(document)
    assert reading.record.value("batteryCarbonFootprint") is None
    place = "$.CarbonFootprint.ProductCarbonFootprints[0].PcfCO2eq"
    (fault,) = [fault for fault in reading.faults if fault.location.pointer == place]
    assert (fault.code, fault.severity) == ("not-taken", "loss")


def test_a_figure_of_another_scope_is_not_taken_for_ours(document):
    entry = element(document, "CarbonFootprint.ProductCarbonFootprints.0")["value"]
    unit = next(each for each in entry if each["idShort"] == "ReferenceImpactUnitForCalculation")
    unit["value"] = "kg"
    reading = aas_reader.read(document)
    assert reading.record.value("batteryCarbonFootprint") is None
    assert "$.CarbonFootprint.ProductCarbonFootprints[0].PcfCO2eq" in [
        fault.location.pointer for fault in reading.faults
    ]


def test_a_document_of_others_is_found_by_its_identifier(document):
    declaration = element(document, "BatteryNameplate.EUDeclarationOfConformity.0")
    declaration["value"] = "DOC-1"
    for entry in element(document, "HandoverDocumentation.Documents")["value"]:
        classes, ids, *_ = entry["value"]
        own = [each["value"] for each in classes["value"]]
        if any(part.get("value") == "euDeclarationOfConformity" for each in own for part in each):
            classes["value"] = [each for each in classes["value"] if each["value"][2]["value"].startswith("VDI")]
            ids["value"][0]["value"][1]["value"] = "DOC-1"
    reading = aas_reader.read(document)
    assert reading.record.value("euDeclarationOfConformity").endswith("eu-declaration-of-conformity.pdf")


# --- packages -------------------------------------------------------------------------------------------------------


def as_xml(value, name="environment"):
    """The XML of an environment in JSON."""
    if isinstance(value, list):

        def tag(each):
            kind = each.get("modelType") if isinstance(each, dict) else None
            if kind:
                return kind[0].lower() + kind[1:]
            return {"keys": "key", "supplementalSemanticIds": "reference", "submodels": "reference",
                    "specificAssetIds": "specificAssetId"}.get(name, "langStringTextType")  # fmt: skip

        return f"<{name}>" + "".join(as_xml(each, tag(each)) for each in value) + f"</{name}>"
    if isinstance(value, dict):
        return f"<{name}>" + "".join(as_xml(v, k) for k, v in value.items() if k != "modelType") + f"</{name}>"
    text = {True: "true", False: "false"}.get(value, value) if isinstance(value, bool) else value
    return f"<{name}>{str(text).replace('&', '&amp;').replace('<', '&lt;')}</{name}>"


def test_a_package_gives_what_its_environment_gives(pack, tmp_path):
    written = formats.write("aasx", [pack])
    ((name, data),) = written.files.items()
    assert name.endswith(".aasx") and data == formats.write("aasx", [pack]).files[name]
    (tmp_path / name).write_bytes(data)
    assert aasx.load(tmp_path / name) == aas_writer.write(pack).document


def package(environment, target_of="/aasx/e.xml", part="aasx/e.xml"):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path, kind, target in (
            ("_rels/.rels", "aasx-origin", "/aasx/aasx-origin"),
            ("aasx/_rels/aasx-origin.rels", "aas-spec", target_of),
        ):
            type_ = f"http://www.admin-shell.io/aasx/relationships/{kind}"
            relation = f'<Relationship Id="a" Target="{target}" Type="{type_}"/>'
            archive.writestr(path, f'<Relationships xmlns="r">{relation}</Relationships>')
        archive.writestr(part, environment)
    return stream.getvalue()


def test_a_package_in_xml_gives_the_same_as_in_json(pack):
    document = aas_writer.write(pack).document
    text = as_xml(document).replace("<environment>", '<environment xmlns="https://admin-shell.io/aas/3/0">', 1)
    again = aas_reader.read(aasx.unpack(package(text), "x.aasx"))
    assert again.faults == ()
    assert again.record == replace(aas_reader.read(document).record, file="x")
    relative = aasx.unpack(package(text, target_of="e.xml"), "x.aasx")
    assert aas_reader.read(relative).record == again.record


@each("data", [b"PK\x03\x04junk", b"PK", package("{}", target_of="/absent.json")])
def test_what_is_no_package_is_refused(data):
    with pytest.raises(UnreadableInput, match="no AASX package"):
        aasx.unpack(data, "x.aasx")


def test_xml_with_a_document_type_is_refused():
    bomb = '<!DOCTYPE e [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><environment>&b;</environment>'
    with pytest.raises(MalformedDocument, match="document type"):
        aasx.unpack(package(bomb), "x.aasx")


def test_a_package_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(aasx, "MAX_JSON", 10_000)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", " " * 20_000)
    with pytest.raises(UnreadableInput, match="too large"):
        aasx.unpack(stream.getvalue(), "x.aasx")


@each("content", [{}, [], 7, {"submodels": []}, {"submodels": [{"idShort": "Other"}]}])
def test_what_is_no_environment_of_a_battery_passport_is_refused(content):
    with pytest.raises(FaultyRecord, match="no AAS environment"):
        aas_reader.read(content)


@settings(max_examples=example_count(80), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, ev, anything, spoil):
    document = json.loads(json.dumps(aas_writer.write(ev).document))
    path = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=12))
    with contextlib.suppress(PassportError):
        aas_reader.read(spoil(document, path, data.draw(anything)))
