"""The vocabulary hands out what the ontology says, and refuses an ontology that contradicts itself."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import (
    Audience,
    Carrier,
    Category,
    Datatype,
    Match,
    ObligationStatus,
    Stage,
    load,
    read,
    regimes,
)
from tests.each import each
from tests.vocabulary import small_ontology

VOCABULARY = load()
INDICATORS = tuple(VOCABULARY.indicators.values())
SMALL = small_ontology.cut(resources.read_text("ontology/battery.ttl"))


# --- what is in it --------------------------------------------------------------------------------------------------


def test_it_holds_160_passport_indicators_and_30_traceability_records():
    of_dimension = Counter(indicator.dimension.id == "traceability" for indicator in INDICATORS)
    assert of_dimension == {False: 160, True: 30}
    assert len(VOCABULARY.dimensions) == 9 + 1
    assert len(VOCABULARY.categories) == 21 + 5


def test_it_is_in_the_order_of_dimensions_and_categories():
    places = [(indicator.dimension.order, indicator.category.order) for indicator in INDICATORS]
    assert places == sorted(places)
    assert list(VOCABULARY.dimensions) == [
        "manufacturer", "basic", "performance", "materials", "carbonFootprint", "dismantlingRecycling", "labels",
        "compliance", "dynamic", "traceability",
    ]  # fmt: skip
    assert [indicator.id for indicator in INDICATORS[:3]] == [
        "manufacturerName", "registeredTrademark", "manufacturerAddress",
    ]  # fmt: skip


@each("indicator", INDICATORS)
def test_every_indicator_is_named_in_chinese_and_english(indicator):
    for texts in (indicator.label, indicator.definition, indicator.category.label, indicator.dimension.label):
        assert set(texts) == {"en", "zh"} and all(text.strip() for text in texts.values())
    assert any("\u4e00" <= letter <= "\u9fff" for letter in indicator.label["zh"] + indicator.definition["zh"])
    assert indicator.label["en"].isascii() and indicator.rule
    assert any("\u4e00" <= letter <= "\u9fff" for letter in indicator.fill_rule["zh"]) and indicator.fill_rule["en"]


def test_every_field_and_code_is_named_in_chinese_and_english():
    for indicator in INDICATORS:
        for field in indicator.fields:
            assert field.label["en"] and field.label["zh"] and field.definition["en"] and field.definition["zh"]
    for enumeration in VOCABULARY.enumerations.values():
        for code in enumeration.codes:
            assert code.label["en"] and code.label["zh"], (enumeration.id, code.code)


def test_an_indicator_says_all_that_is_known_of_it():
    voltage = VOCABULARY.indicators["nominalVoltage"]
    assert voltage.label == {"en": "Nominal voltage", "zh": "标称电压"}
    assert (voltage.datatype, voltage.max_count, voltage.repeatable) == (Datatype.DECIMAL, 1, False)
    assert (voltage.unit.code, voltage.unit.symbol, voltage.unit.qudt) == ("V", "V", "http://qudt.org/vocab/unit/V")
    assert voltage.range.min_exclusive == Decimal(0)
    assert (voltage.carrier, voltage.stage, voltage.granularity) == (Carrier.MODEL, Stage.PRODUCTION, "model")
    assert voltage.static and voltage.audiences == {Audience.PUBLIC}
    assert (voltage.annex_xiii, voltage.ec_dp, voltage.spec_clause) == ("1(h)", (27,), "6.7.2.11")
    assert voltage.eu.match is Match.EXACT
    assert voltage.eu.iris == ("urn:samm:io.BatteryPass.Performance:1.2.1#nominalVoltage",)
    assert (voltage.cn.label, voltage.cn.match) == ({"zh": "电池包标称电压"}, Match.EXACT)
    assert voltage.catarc == "标称电压" and voltage.catarc_access == "公众"


def test_a_structured_indicator_names_its_fields_by_input_name_and_by_term():
    power = VOCABULARY.indicators["originalPowerCapability"]
    assert [(field.name, field.term, field.required) for field in power.fields] == [
        ("stateOfCharge", "atStateOfCharge", True),
        ("power", "powerAtStateOfCharge", True),
        ("pulseDuration", "pulseDuration", False),
    ]
    assert power.datatype is Datatype.STRUCTURED and power.repeatable and power.max_count is None
    assert power.field("power").unit.symbol == "W" and power.field("nothing") is None


def test_a_use_of_a_term_may_be_narrower_than_the_term():
    assert VOCABULARY.terms["powerAtStateOfCharge"].range.minimum == 0
    narrowed = VOCABULARY.indicators["originalPowerCapability"].field("power").range
    assert (narrowed.minimum, narrowed.min_exclusive) == (None, 0)
    assert VOCABULARY.indicators["componentMass"].field("component").range.one_of == ("module", "cell")
    assert VOCABULARY.indicators["criticalRawMaterials"].field("massFraction").range.min_exclusive == Decimal("0.1")


def test_the_terms_of_the_w3c_context_are_used_and_not_defined_again():
    name = VOCABULARY.indicators["operatorInformation"].field("name")
    assert name.iri == "https://schema.org/name" and not VOCABULARY.terms["name"].own
    assert VOCABULARY.indicators["negativeEvents"].field("description").iri == "https://schema.org/description"


def test_values_of_a_read_out_are_flat_and_dated_once():
    for indicator in VOCABULARY.carried_by(Carrier.CONDITION):
        assert not {"value"} & {field.name for field in indicator.fields}
        if indicator.datatype is Datatype.STRUCTURED or indicator.static:
            assert indicator.dated_by is None
        else:
            assert indicator.dated_by in ("recordedAt", "statusChangedAt")
    assert VOCABULARY.indicators["powerCapabilityAtStatusChange"].dated_by == "statusChangedAt"
    assert VOCABULARY.indicators["batteryStatus"].dated_by == "statusChangedAt"
    assert VOCABULARY.indicators["powerFade"].dated_by == "recordedAt"


def test_every_name_has_one_type_wherever_it_stands():
    types = {}
    for indicator in INDICATORS:
        types.setdefault(indicator.id, set()).add((indicator.datatype, indicator.repeatable))
        for field in indicator.fields:
            types.setdefault(field.term, set()).add((field.datatype, field.repeatable))
            assert (field.unit, field.label) == (VOCABULARY.terms[field.term].unit, VOCABULARY.terms[field.term].label)
    assert all(len(found) == 1 for found in types.values())
    assert types.keys() <= VOCABULARY.terms.keys()


def test_personal_data_is_marked():
    marked = {name for name, term in VOCABULARY.terms.items() if term.personal_data}
    assert marked == {"vehicleIdentificationNumber", "licensePlateNumber", "ownerName", "ownerCode", "ownerAddress"}
    assert VOCABULARY.indicators["vehicleIdentificationNumber"].personal_data
    assert all(not term.personal_data for name, term in VOCABULARY.terms.items() if name == "vinHash")


def test_code_lists_are_in_order():
    assert [code.code for code in VOCABULARY.enumerations["batteryStatus"].codes] == [
        "original", "repurposed", "re-used", "remanufactured", "waste",
    ]  # fmt: skip
    status = VOCABULARY.enumerations["batteryStatus"]
    assert "re-used" in status and "reused" not in status
    assert status.get("waste").label["zh"] == "废电池" and status.get("reused") is None


@each(
    ("enumeration", "kind"),
    [
        ("audience", Audience),
        ("carrier", Carrier),
        ("batteryCategory", Category),
        ("stage", Stage),
        ("status", ObligationStatus),
    ],
)
def test_the_codes_that_the_library_acts_on_are_those_of_the_ontology(enumeration, kind):
    assert [code.code for code in VOCABULARY.enumerations[enumeration].codes] == [member.value for member in kind]


def test_nobody_can_change_it():
    with pytest.raises(TypeError):
        VOCABULARY.indicators["nominalVoltage"] = None
    with pytest.raises(FrozenInstanceError):
        VOCABULARY.indicators["nominalVoltage"].carrier = Carrier.EVENT


# --- audiences ------------------------------------------------------------------------------------------------------


LEGITIMATE, COMMISSION = Audience.LEGITIMATE_INTEREST, Audience.COMMISSION
BODIES = {Audience.NOTIFIED_BODY, Audience.MARKET_SURVEILLANCE}
BY_POINT = {"1": {Audience.PUBLIC}, "2": {LEGITIMATE, COMMISSION}, "3": {*BODIES, COMMISSION}, "4": {LEGITIMATE}}


@each("indicator", [one for one in INDICATORS if (one.annex_xiii or "A")[0] in "1234"])
def test_the_heading_of_the_annex_xiii_point_decides_who_reads(indicator):
    assert indicator.audiences - {Audience.CN_REGULATOR} == BY_POINT[indicator.annex_xiii[0]]


def test_article_77_gives_point_2_to_notified_bodies_and_market_surveillance_too():
    wider = {indicator.id for indicator in INDICATORS if indicator.audiences != indicator.audiences_art77}
    assert wider == {indicator.id for indicator in INDICATORS if (indicator.annex_xiii or "").startswith("2")}
    for identifier in wider:
        indicator = VOCABULARY.indicators[identifier]
        assert indicator.audiences_art77 == indicator.audiences | BODIES


def test_public_credentials_hold_what_everybody_may_read_and_nothing_else():
    for indicator in INDICATORS:
        public = indicator.carrier in (Carrier.MODEL, Carrier.BATCH, Carrier.PASSPORT)
        assert (Audience.PUBLIC in indicator.audiences) is public, indicator.id
        assert (Audience.PUBLIC in indicator.audiences_art77) is public, indicator.id


def test_battery_status_is_not_public_and_traceability_is_for_the_chinese_authorities():
    assert VOCABULARY.indicators["batteryStatus"].audiences == {LEGITIMATE}
    for indicator in INDICATORS:
        if indicator.dimension.id == "traceability":
            assert indicator.audiences == {Audience.CN_REGULATOR} and indicator.carrier is Carrier.EVENT


def test_what_the_chinese_regime_asks_for_is_for_its_authorities_where_it_is_restricted():
    readable = {
        indicator.id
        for indicator in INDICATORS
        if Audience.CN_REGULATOR in indicator.audiences and indicator.dimension.id != "traceability"
    }
    assert {"removalManual"} <= readable
    assert all(regimes()["cn"].obligations(Category.EV)[identifier] for identifier in readable)


# --- headings -------------------------------------------------------------------------------------------------------


@each("heading", ["nominalVoltage", "Nominal voltage", "标称电压", "  NOMINAL  voltage ", "NOMINALVOLTAGE"])
def test_a_heading_is_the_id_or_a_label_in_either_language(heading):
    assert VOCABULARY.by_heading(heading).id == "nominalVoltage"


def test_every_id_and_label_leads_back_to_its_indicator():
    for indicator in INDICATORS:
        for heading in (indicator.id, *indicator.label.values()):
            assert VOCABULARY.by_heading(heading) is indicator


def test_an_unknown_heading_is_nobodys_and_the_nearest_is_offered():
    assert VOCABULARY.by_heading("nominal voltages") is None
    assert VOCABULARY.nearest("nominal voltages").id == "nominalVoltage"
    assert VOCABULARY.nearest("标称 电压").id == "nominalVoltage"
    assert VOCABULARY.nearest("colour of the box lid") is None


# --- what is refused ------------------------------------------------------------------------------------------------


VOLTAGE = "bp:nominalVoltage a meta:Indicator , owl:DatatypeProperty ;"
ADDITIONS = {
    "two types for one name": (
        "bp:nominalVoltage rdfs:range xsd:string .",
        ["nominalVoltage", "two types", "decimal", "string"],
    ),
    "an object property with a literal type": (
        "bp:nominalVoltage a owl:ObjectProperty .",
        ["nominalVoltage", "either"],
    ),
    "a code list on a number": ("bp:nominalVoltage meta:codes codes:cellShape .", ["nominalVoltage", "code list"]),
    "two labels in one language": ('bp:nominalVoltage rdfs:label "U"@en .', ["nominalVoltage", "two texts", "en"]),
    "a label in a third language": ('bp:nominalVoltage rdfs:label "U"@de .', ["nominalVoltage", "de"]),
    "two carriers": ("bp:nominalVoltage meta:carrier carrier:event .", ["nominalVoltage", "carrier"]),
    "an unknown audience": ("bp:nominalVoltage meta:readableBy audience:everybody .", ["nominalVoltage", "everybody"]),
    "an inclusive and an exclusive bound": ("bp:nominalVoltage meta:minInclusive 1 .", ["nominalVoltage", "bound"]),
    "a bound on text": ("bp:batteryModelIdentifier meta:minInclusive 1 .", ["batteryModelIdentifier", "bounds"]),
    "a pattern on a number": ('bp:ratedEnergy meta:pattern "9" ; meta:form "nine"@en , "九"@zh .', ["ratedEnergy"]),
    "a pattern without words": ('bp:batchNumber meta:pattern "^B" .', ["batchNumber", "form"]),
    "a unit on text": ("bp:batchNumber meta:unit unit:volt .", ["batchNumber", "unit"]),
    "a term that is an indicator too": (
        "bp:batchNumber a meta:Term , owl:DatatypeProperty .",
        ["batchNumber", "both an indicator and a term"],
    ),
    "a class that is a property too": (
        "bp:batchNumber a owl:Class .",
        ["batchNumber", "both a class and a property"],
    ),
    "a code outside its list's IRIs": (
        'codes:cellShape.round a skos:Concept ; skos:inScheme codes:cellShape ; skos:notation "circle" ;'
        ' meta:order 90 ; skos:prefLabel "r"@en , "圆"@zh .',
        ["circle"],
    ),
    "a code in a list that nobody defines": (
        'codes:colour.red a skos:Concept ; skos:inScheme codes:colour ; skos:notation "red" ; meta:order 10 ;'
        ' skos:prefLabel "r"@en , "红"@zh .',
        ["red", "colour"],
    ),
    "a map to two sides of one model": (
        "bp:nominalVoltage skos:closeMatch bp-perf:ratedCapacity .",
        ["nominalVoltage", "two ways"],
    ),
    "a narrowing to a code the list does not have": (
        'bp:componentMass.component meta:oneOf "rack" .',
        ["componentMass.component", "rack"],
    ),
}
REPLACEMENTS = {
    "a label missing in Chinese": (
        'rdfs:label "Nominal voltage"@en , "标称电压"@zh ;',
        'rdfs:label "Nominal voltage"@en ;',
        ["nominalVoltage", "label", "zh"],
    ),
    "an empty definition": ('"Lower voltage limit of safe operation."@en', '" "@en', ["minimumVoltage", "definition"]),
    "no type": (VOLTAGE, "bp:nominalVoltage a meta:Indicator ;", ["nominalVoltage", "owl:"]),
    "an unknown unit": ("meta:unit unit:ohm", "meta:unit unit:Ohm", ["Ohm", "unknown unit"]),
    "an unknown type": ("rdfs:range xsd:duration", "rdfs:range xsd:gYear", ["pulseDuration", "gYear"]),
    "an unknown code list": ("meta:codes codes:cellShape", "meta:codes codes:shape", ["cellShape", "shape"]),
    "an unknown stage": ("meta:stage stage:sale", "meta:stage stage:selling", ["selling"]),
    "an unknown category": ("meta:category cat:voltage", "meta:category cat:tension", ["category"]),
    "a field with an unknown term": (
        "meta:writtenAs bp:handledMass", "meta:writtenAs bp:weight", ["mass", "term that is not defined"],
    ),
    "a field under another name than its IRI": (
        'meta:fieldName "stateOfCharge" ; meta:writtenAs bp:atStateOfCharge',
        'meta:fieldName "soc" ; meta:writtenAs bp:atStateOfCharge',
        ["stateOfCharge", "soc"],
    ),
    "two indicators in one place": (
        "meta:category cat:voltage ; meta:order 20", "meta:category cat:voltage ; meta:order 10", ["order", "Voltage"],
    ),
    "two indicators under one heading": (
        '"Maximum voltage"@en , ', '"Minimum voltage"@en , ', ["maximumVoltage", "minimum"],
    ),
    "no fill rule": (
        '    meta:fillRule "Volt at pack terminals."@en , "电池包端子处的伏特数。"@zh ;\n', "", ["Voltage", "fillRule"],
    ),
    "a fill rule in one language": (', "电池包端子处的伏特数。"@zh ;', " ;", ["Voltage", "fillRule", "zh"]),
    "a count that is no number": ("meta:maxCount 2", 'meta:maxCount "two"', ["cadmiumLeadSymbol", "number"]),
    "a flag that is no flag": ("meta:counted true", 'meta:counted "yes"', ["counted", "true or false"]),
}  # fmt: skip


def refused(text: str) -> str:
    with pytest.raises(MalformedOntology) as caught:
        read(text)
    return str(caught.value)


def test_the_small_ontology_has_no_fault_of_its_own():
    small = read(SMALL)
    assert set(small.indicators) == small_ontology.INDICATORS
    assert all(small.indicators[identifier] == VOCABULARY.indicators[identifier] for identifier in small.indicators)


@each("what", ADDITIONS)
def test_an_ontology_is_refused_for_saying_besides(what):
    addition, named = ADDITIONS[what]
    message = refused(f"{SMALL}\n{addition}\n")
    assert all(word in message for word in named), message


@each("what", REPLACEMENTS)
def test_an_ontology_is_refused_for(what):
    old, new, named = REPLACEMENTS[what]
    assert old in SMALL
    message = refused(SMALL.replace(old, new))
    assert all(word in message for word in named), message


def test_a_file_that_is_no_turtle_is_refused_with_its_name():
    assert "ontology/battery.ttl is not Turtle" in refused(SMALL.replace(" ;", " ,;", 1))


@each(
    ("heading", "identifier"),
    [
        ("过放电次数", "deepDischargeEvents"),
        ("前序电池护照链接", "previousPassport"),
        ("第三方认证", "thirdPartyAssurances"),
    ],
)
def test_a_file_with_a_heading_of_before_is_still_read(heading, identifier):
    assert VOCABULARY.by_heading(heading).id == identifier
    assert VOCABULARY.indicators[identifier].label["zh"] != heading


def test_every_definition_of_a_code_is_said_in_chinese_too():
    for enumeration in VOCABULARY.enumerations.values():
        for code in enumeration.codes:
            assert not code.definition or set(code.definition) == {"en", "zh"}, (enumeration.id, code.code)


# --- regimes --------------------------------------------------------------------------------------------------------


@each(
    ("category", "mandatory"),
    [(Category.EV, 57), (Category.LMT, 67), (Category.INDUSTRIAL, 42), (Category.STATIONARY, 67)],
)
def test_the_eu_asks_for_as_many_indicators_as_the_guidance_and_the_longlist_together(category, mandatory):
    # Less the four recycled shares: the guidance names them from February 2027, the regulation has later days.
    stated = regimes()["eu"].obligations(category).values()
    assert sum(obligation.status is ObligationStatus.MANDATORY for obligation in stated) == mandatory


def test_china_asks_for_25_of_which_20_fall_due_at_production():
    asked = [
        one for one in regimes()["cn"].obligations(Category.EV).values() if one.status is ObligationStatus.MANDATORY
    ]
    assert Counter(one.stage for one in asked) == {
        Stage.PRODUCTION: 20, Stage.FITTING: 3, Stage.SALE: 1, Stage.RECYCLING: 1,
    }  # fmt: skip


def test_the_eu_speaks_of_four_categories_and_china_of_electric_vehicles():
    eu, cn = regimes()["eu"], regimes()["cn"]
    assert list(regimes()) == ["eu", "cn"]
    assert eu.categories == tuple(Category) and cn.categories == (Category.EV,)
    assert cn.applies_to(Category.EV) and not cn.applies_to(Category.LMT)
    assert not cn.obligations(Category.LMT)
    assert (eu.in_force, cn.in_force) == (date(2027, 2, 18), date(2026, 4, 1))
    assert eu.label["zh"] == "欧盟电池护照"


def test_what_waits_for_an_act_is_pending_and_has_its_earliest_day_where_the_law_names_one():
    stated = regimes()["eu"].obligations(Category.EV)
    pending = {one.indicator for one in stated.values() if one.status is ObligationStatus.PENDING}
    assert pending == {
        "batteryCarbonFootprint", "carbonFootprintRawMaterials", "carbonFootprintProduction",
        "carbonFootprintDistribution", "carbonFootprintEndOfLife", "carbonFootprintStudy", "carbonFootprintDeclaration",
        "carbonFootprintMethod", "carbonFootprintBoundary",
        "carbonFootprintPerformanceClass", "carbonFootprintLabel", "instructionsForUse", "recycledNickelShare",
        "recycledCobaltShare", "recycledLithiumShare", "recycledLeadShare", "recycledContentDocumentation",
    }  # fmt: skip
    assert [identifier for identifier in pending if stated[identifier].due_from is None] == ["instructionsForUse"]


def test_due_diligence_is_conditional_from_18_august_2027():
    for category in Category:
        report = regimes()["eu"].obligations(category)["dueDiligenceReport"]
        assert (report.status, report.due_from) == (ObligationStatus.CONDITIONAL, date(2027, 8, 18))


def test_other_obligations_begin_with_the_regime():
    later = {"dueDiligenceReport", "recycledContentDocumentation", "carbonFootprintAccountingStatement"}
    later |= {
        name
        for name in VOCABULARY.indicators
        if name.startswith(("recycled", "carbonFootprint", "batteryCarbon", "chinaCarbon"))
    }
    for regime in regimes().values():
        for category in regime.categories:
            days = {
                obligation.due_from
                for obligation in regime.obligations(category).values()
                if obligation.status is not ObligationStatus.PENDING and obligation.indicator not in later
            }
            assert days == {regime.in_force}


def test_what_is_for_electric_vehicles_is_excluded_elsewhere():
    eu = regimes()["eu"]
    assert eu.obligations(Category.EV)["stateOfCertifiedEnergy"].status is ObligationStatus.MANDATORY
    for category in (Category.LMT, Category.INDUSTRIAL, Category.STATIONARY):
        assert eu.obligations(category)["stateOfCertifiedEnergy"].status is ObligationStatus.EXCLUDED


def test_a_purely_chinese_item_is_neither_asked_for_nor_refused_by_the_eu():
    eu = regimes()["eu"]
    for category in Category:
        assert "carbonFootprintAccountingStatement" not in eu.obligations(category)
        assert "batteryProductionRecord" not in eu.obligations(category)


def test_every_obligation_says_on_which_basis():
    for regime in regimes().values():
        for category in regime.categories:
            assert all(len(obligation.basis["en"]) > 5 for obligation in regime.obligations(category).values())
    cells = regimes()["cn"].obligations(Category.EV)["cellManufacturerName"].basis
    assert "brochure" in cells["en"] and "no legal text found" in cells["en"] and "未见法规条文" in cells["zh"]
    voltage = regimes()["eu"].obligations(Category.EV)["nominalVoltage"].basis
    assert "data point 27" in voltage["en"] and "数据点27" in voltage["zh"]


TOY = """
@prefix bp: <https://w3id.org/battery-passport/ns#> .
@prefix meta: <https://w3id.org/battery-passport/meta#> .
@prefix battery: <https://w3id.org/battery-passport/codes#batteryCategory.> .
@prefix stage: <https://w3id.org/battery-passport/codes#stage.> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <urn:toy:> .

:toy a meta:Regime ; meta:code "toy" ; rdfs:label "Toyland"@en , "玩具国"@zh ; rdfs:comment "A toy."@en , "玩具。"@zh ;
    meta:inForceFrom "2030-01-01"^^xsd:date ; meta:appliesTo battery:lmt , battery:ev .
:mass a meta:Obligation ; meta:indicator bp:batteryMass ; meta:mandatoryFor battery:ev ; meta:excludedFor battery:lmt ;
    meta:stage stage:sale ; meta:dueFrom "2031-01-01"^^xsd:date ; meta:basis "Toy act, article 1"@en .
"""


def toy(text: str = TOY):
    return vocabulary_module.read_regime(text, "toy.ttl", VOCABULARY.indicators)


def test_a_regime_may_set_its_own_stage_and_day():
    obligation = toy().obligations(Category.EV)["batteryMass"]
    assert (obligation.status, obligation.stage, obligation.due_from) == (
        ObligationStatus.MANDATORY, Stage.SALE, date(2031, 1, 1),
    )  # fmt: skip
    assert toy().obligations(Category.LMT)["batteryMass"].status is ObligationStatus.EXCLUDED
    assert toy().categories == (Category.EV, Category.LMT)


def test_a_third_regime_is_one_more_file_and_no_line_of_code(tmp_path, monkeypatch):
    shutil.copytree(resources.path("ontology"), tmp_path / "ontology")
    (tmp_path / "ontology" / "regimes" / "toy.ttl").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(resources, "data_root", lambda: tmp_path)
    found = vocabulary_module.regimes.__wrapped__()
    assert list(found) == ["eu", "cn", "toy"]
    assert found["toy"].label["zh"] == "玩具国"


@each(
    ("old", "new", "named"),
    [
        ("meta:mandatoryFor battery:ev", "meta:mandatoryFor battery:bus", "bus"),
        ("meta:mandatoryFor battery:ev", "meta:mandatoryFor battery:industrial", "does not apply to"),
        ("meta:mandatoryFor battery:ev", "meta:mandatoryFor battery:lmt", "second thing about batteryMass"),
        ("bp:batteryMass", "bp:batteryWeight", "does not have"),
        ("stage:sale", "stage:selling", "selling"),
        (' ; meta:basis "Toy act, article 1"@en', "", "basis"),
        ('meta:dueFrom "2031-01-01"^^xsd:date', 'meta:dueFrom "soon"', "soon"),
        ('    meta:inForceFrom "2030-01-01"^^xsd:date ;', "   ", "inForceFrom"),
        (' , "玩具国"@zh', "", "zh"),
        ("meta:Regime", "meta:Kingdom", "expected one regime, found 0"),
        ("meta:mandatoryFor battery:ev ; meta:excludedFor battery:lmt ;", "", "asks nothing"),
    ],
)  # fmt: skip
def test_a_regime_is_refused_for_a_contradiction(old, new, named):
    assert old in TOY
    with pytest.raises(MalformedOntology, match="toy.ttl") as caught:
        toy(TOY.replace(old, new))
    assert named in str(caught.value)
