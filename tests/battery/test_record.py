"""Records from JSON: where each value goes, what cannot be placed, and what a credential says of it."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.claims import claims
from passport.battery.identifiers.record_address import addressed
from passport.battery.record import Location, Record, duplicate_packs
from passport.battery.record_json import from_json, many_from_json
from passport.errors import FaultyRecord
from passport.texts import say
from passport.vocabulary import code_words
from passport.vocabulary.vocabulary import Carrier, Category, Datatype, load
from tests.each import each

PACKS = ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike")
TIME = "2026-11-16T08:30:00Z"


@pytest.fixture(scope="module")
def documents(examples: Path) -> dict[str, dict]:
    return {name: json.loads((examples / f"{name}.json").read_text("utf-8")) for name in PACKS}


@pytest.fixture
def ev(documents) -> dict:
    return copy.deepcopy(documents["ev-ncm-100kwh"])


def small(**parts) -> dict:
    return {"model": {"batteryModelIdentifier": "M", "batteryCategory": "lmt"}, "pack": {"serialNumber": "S1"}} | parts


def faults_of(document, file="packs.json"):
    with pytest.raises(FaultyRecord) as refusal:
        many_from_json(document, file)
    return refusal.value.faults


def the_fault(document):
    (fault,) = faults_of(document)
    assert say(fault.message, "en") != say(fault.message, "zh")
    assert fault.expected
    assert fault.found
    return fault


# --- reading --------------------------------------------------------------------------------------------------------


@each("name", PACKS)
def test_the_example_packs_are_read_whole(documents, name):
    document = documents[name]
    record = from_json(document, "pack.json")
    assert record.category.value == document["model"]["batteryCategory"]
    assert {*record.model, *record.batch} == set(document["model"]) | set(document.get("batch", ())) - {"identifier"}
    assert set(record.pack) == set(document["pack"])
    assert set(record.condition) == {*document["condition"], "statusChangedAt"}
    assert {event: set(values) for event, values in record.events.items()} == {
        event: set(values) for event, values in document.get("events", {}).items()
    }


def test_values_stay_as_they_were_handed_in_and_numbers_exact(ev):
    ev["model"]["ratedCapacity"] = 141.0
    ev["model"]["ratedEnergy"] = "约100"
    ev["model"]["gtin"] = 9529999001009
    ev["model"]["batteryMass"] = True
    model = from_json(ev, "pack.json").model
    assert [repr(model[name]) for name in ("ratedCapacity", "ratedEnergy", "gtin", "batteryMass")] == [
        "'141.0'",
        "'约100'",
        "9529999001009",
        "True",
    ]
    assert model["nominalVoltage"] == "710.4"


def test_a_read_out_is_flat_with_one_time_and_one_time_of_the_status_change(ev):
    condition = from_json(ev, "pack.json").condition
    assert condition["recordedAt"] == TIME
    assert condition["statusChangedAt"] == "2026-06-18T09:40:00Z"
    assert (condition["stateOfCharge"], condition["numberOfFullCycles"]) == ("64", 11)
    assert condition["ratedCapacityAtStatusChange"] == "141"
    assert condition["negativeEvents"][0]["recordedAt"] == "2026-09-30T17:12:00Z"


def test_plain_values_of_a_read_out_are_accepted_too():
    record = from_json(small(condition={"recordedAt": TIME, "stateOfCharge": "64"}), "pack.json")
    assert record.condition == {"recordedAt": TIME, "stateOfCharge": "64"}


def test_the_time_of_the_readings_becomes_that_of_the_read_out_and_another_spelling_of_it_is_the_same():
    reading = {"value": "64", "recordedAt": "2026-11-16T16:30:00+08:00"}
    record = from_json(small(condition={"recordedAt": TIME, "stateOfCharge": reading}), "pack.json")
    assert record.condition["recordedAt"] == TIME
    record = from_json(small(condition={"stateOfCharge": reading}), "pack.json")
    assert record.condition["recordedAt"] == reading["recordedAt"]


def test_a_reading_of_another_time_is_refused(ev):
    ev["condition"]["stateOfCharge"]["recordedAt"] = "2026-11-16T08:31:00Z"
    fault = the_fault(ev)
    assert (fault.code, fault.location.pointer) == ("other-time", "/condition/stateOfCharge/recordedAt")
    assert TIME in fault.expected
    assert "08:31" in fault.found


def test_a_status_change_value_of_another_time_is_refused(ev):
    ev["condition"]["roundTripEfficiencyAtStatusChange"]["recordedAt"] = TIME
    assert the_fault(ev).location.pointer == "/condition/roundTripEfficiencyAtStatusChange/recordedAt"


@each("name", ["stateOfCharge", "ratedCapacityAtStatusChange"])
def test_a_reading_without_its_time_is_refused(ev, name):
    del ev["condition"][name]["recordedAt"]
    fault = the_fault(ev)
    assert (fault.code, fault.location.pointer) == ("missing-time", f"/condition/{name}/recordedAt")


def test_a_read_out_without_a_time_is_refused():
    fault = the_fault(small(condition={"stateOfCharge": "64"}))
    assert (fault.code, fault.location.pointer) == ("missing-time", "/condition")


def test_a_single_value_of_a_repeatable_indicator_becomes_a_list():
    document = small()
    document["model"] |= {"registeredTrademark": "A", "componentMass": {"component": "cell", "mass": "2"}}
    model = from_json(document, "pack.json").model
    assert model["registeredTrademark"] == ["A"]
    assert model["componentMass"] == [{"component": "cell", "mass": "2"}]


def test_a_category_that_does_not_exist_is_none_and_stays_in_the_model():
    document = small()
    document["model"]["batteryCategory"] = "SLI"
    record = from_json(document, "pack.json")
    assert (record.category, record.model["batteryCategory"]) == (None, "SLI")


@each(
    ("part", "name", "code", "words"),
    [
        ("model", "nominalVoltag", "unknown-indicator", "nominalVoltage"),
        ("model", "标称电压(V)", "unknown-indicator", "nominalVoltage"),
        ("model", "serialNumber", "wrong-part", "pack"),
        ("pack", "ratedCapacity", "wrong-part", "model"),
        ("condition", "batteryMass", "wrong-part", "model"),
        ("pack", "stateOfCharge", "wrong-part", "condition"),
    ],
)
def test_an_indicator_that_nobody_knows_or_that_belongs_elsewhere_is_refused(part, name, code, words):
    document = small(condition={"recordedAt": TIME, "stateOfCharge": "1"})
    document[part][name] = "1"
    fault = the_fault(document)
    assert (fault.code, fault.location.pointer) == (code, f"/{part}/{name}")
    assert words in fault.expected


def test_an_event_indicator_under_another_event_is_refused():
    fault = the_fault(small(events={"production": {"vehicleModel": "X"}}))
    assert (fault.code, fault.location.pointer) == ("wrong-part", "/events/production/vehicleModel")
    assert "events.fitting" in fault.expected


def test_an_unknown_field_is_refused_with_the_nearest():
    document = small()
    document["model"]["componentMass"] = [{"component": "cell", "mass": "2"}, {"component": "module", "mas": "2"}]
    fault = the_fault(document)
    assert (fault.code, fault.location.pointer) == ("unknown-field", "/model/componentMass/1/mas")
    assert "nearest is mass" in fault.expected


@each("value", [None, [], {}])
def test_an_emptiness_is_refused(value):
    document = small()
    document["model"] |= {"ratedCapacity": value, "manufacturerAddress": {"streetAddress": value}}
    pointers = {fault.location.pointer for fault in faults_of(document)}
    assert pointers == {"/model/ratedCapacity", "/model/manufacturerAddress/streetAddress"}


def test_an_empty_entry_of_a_list_is_refused():
    document = small()
    document["model"]["componentMass"] = [{"component": "cell", "mass": "2"}, None]
    assert the_fault(document).location.pointer == "/model/componentMass/1"


def test_all_faults_are_reported_at_once(ev):
    ev["model"]["x"] = 1
    ev["pack"]["y"] = 1
    ev["condition"]["z"] = 1
    ev["events"]["production"]["cellSpecification"]["w"] = 1
    ev["extra"] = {}
    assert [fault.location.pointer for fault in faults_of(ev)] == [
        "/extra",
        "/model/x",
        "/pack/y",
        "/condition/z",
        "/events/production/cellSpecification/w",
    ]


@each(
    "document",
    [None, 1, "x", True, {}, {"model": {}}, {"model": [], "pack": []}, small(events=[]), small(condition=[1])],
)
def test_what_is_no_record_is_refused(document):
    assert faults_of(document)


def test_a_list_of_records_names_the_record_at_fault():
    good, bad = small(), small()
    bad["pack"] = {"serialNumber": "S2", "x": "1"}
    assert len(many_from_json([good, small(pack={"serialNumber": "S2"})], "packs.json")) == 2
    assert the_fault([good, bad]).location == Location("packs.json", pointer="/1/pack/x")


def test_an_empty_list_is_refused():
    assert the_fault([]).code == "malformed-record"


def test_a_pack_that_is_described_twice_is_refused():
    fault = the_fault([small(), small()])
    assert (fault.code, fault.location.pointer) == ("duplicate-pack", "/1/pack/serialNumber")
    assert fault.found == "the serial number of /0/pack/serialNumber"


def test_one_code_under_two_serial_numbers_is_a_duplicate_and_one_serial_number_of_two_models_is_not():
    def record(model, serial, code=None):
        pack = {"serialNumber": serial} | ({"packTractionBatteryCode": code} if code else {})
        return Record(Category.EV, {"batteryModelIdentifier": model}, pack)

    assert not duplicate_packs([record("A", "1"), record("B", "1")])
    one, other = record("A", "1", "001PE01A1B2C3DG7L0000042"), record("A", "2", "001PE01A1B2C3D G7L0000042")
    (fault,) = duplicate_packs([one, other])
    assert fault.indicator == "packTractionBatteryCode"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "value",
                    "recordedAt",
                    "name",
                    "en",
                    "model",
                    "pack",
                    "condition",
                    "events",
                    "production",
                    "stateOfCharge",
                    "componentMass",
                    "hazardousSubstances",
                    "hazardClass",
                    "labelMeaning",
                    "meaning",
                    "~/",
                    "cellSpecification",
                ]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_document_escapes_as_another_error(document):
    try:
        records = many_from_json(document, "x.json")
    except FaultyRecord as error:
        assert all(fault.location.pointer is not None and fault.expected for fault in error.faults)
        assert [fault.to_json() for fault in error.faults]
        return
    for record in records:
        for carrier in Carrier:
            claims(record, carrier, "urn:x")


# --- where values stand ---------------------------------------------------------------------------------------------


def resolved(document, pointer):
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document


@each("name", PACKS)
def test_every_value_can_be_found_again_in_the_document(documents, name):
    document = documents[name]
    record = from_json(document, "pack.json")
    for part in (record.model, record.pack, record.condition, *record.events.values()):
        for indicator, value in part.items():
            if indicator == "statusChangedAt":
                continue
            entries = value if isinstance(value, list) else [value]
            for n, entry in enumerate(entries):
                at = n if isinstance(value, list) else None
                for field in entry if isinstance(entry, dict) and load().indicators[indicator].fields else [None]:
                    place = record.locate(indicator, at, field)
                    raw = resolved(document, place.pointer)
                    held = entry if field is None else entry[field]
                    kind = load().indicators[indicator] if indicator != "recordedAt" else None
                    kind = kind.field(field) if field else kind
                    assert raw == held or code_words.in_codes(raw, kind) == held


def test_a_missing_value_stands_where_its_part_stands(ev):
    del ev["model"]["batteryMass"], ev["condition"]
    record = from_json(ev, "pack.json")
    assert record.locate("batteryMass").pointer == "/model"
    assert record.locate("stateOfCharge").pointer == "/condition"
    assert record.locate("componentMass", 0, "component").pointer == "/model/componentMass/0/component"
    assert record.locate("no such thing").file == "pack.json"


def test_a_place_reads_as_file_sheet_cell_and_heading():
    place = Location("ev.xlsx", "packs", 14, "F", "标称电压")
    assert (place.cell, str(place)) == ("F14", "ev.xlsx, sheet packs, F14, 标称电压")
    assert str(Location("a.json", pointer="/model/gtin")) == "a.json, /model/gtin"


# --- the words of the lists -----------------------------------------------------------------------------------------


def reading_of(indicator, value, field=None):
    kind = load().indicators[indicator]
    return code_words.in_codes(value, kind.field(field) if field else kind)


@each(
    ("text", "codes"),
    [
        ("Flammable liquid 2 (H225)", ["flammableLiquids"]),
        ("Acute toxicity 3 (H301); skin corrosion 1A (H314); H302", ["acuteToxicity", "skinCorrosionOrIrritation"]),
        ("Carcinogenicity 1A by inhalation (H350i)", ["carcinogenicity"]),
        ("Acute toxicity", ["acuteToxicity"]),
        ("急性毒性", ["acuteToxicity"]),
        ("acuteToxicity", ["acuteToxicity"]),
        ("toxic", ["toxic"]),
        ("H225 and H999", ["H225 and H999"]),
        ("H240", ["H240"]),
        (["flammableLiquids", "Acute toxicity"], ["flammableLiquids", "acuteToxicity"]),
    ],
)
def test_a_hazard_class_is_known_by_its_statements_and_left_whole_where_one_is_unknown(text, codes):
    assert reading_of("hazardousSubstances", text, "hazardClass") == codes


def test_every_hazard_statement_leads_to_a_code_of_the_list():
    assert set(code_words.HAZARD_STATEMENTS.values()) <= {
        code.code for code in load().enumerations["hazardClass"].codes
    }
    assert set(code_words.LABEL_SUBJECTS.values()) <= {code.code for code in load().enumerations["labelSubject"].codes}


@each("value", ["reused", "SLI", 1, None, {"x": 1}])
def test_a_word_that_is_no_code_stays_as_it_is(value):
    assert reading_of("batteryStatus", value) == value


def test_plain_text_gets_the_language_of_its_letters_and_tags_become_small():
    assert reading_of("labelMeaning", "扫码", "meaning") == {"zh": "扫码"}
    assert reading_of("labelMeaning", "Scan", "meaning") == {"en": "Scan"}
    assert reading_of("labelMeaning", {"EN": "a", "zh-Hans": "b"}, "meaning") == {"en": "a", "zh-hans": "b"}
    assert reading_of("labelMeaning", {"EN": "a", "en": "b"}, "meaning") == {"EN": "a", "en": "b"}


# --- addresses ------------------------------------------------------------------------------------------------------


@each("name", PACKS)
def test_what_depends_on_the_address_is_filled_in(documents, name):
    document = copy.deepcopy(documents[name])
    given = {key: document["pack"].pop(key) for key in ("batteryIdentifier", "serialNumber") if key in document["pack"]}
    payload = document["pack"]["dataCarrier"].pop("payload")
    if name != "ev-ncm-100kwh":
        document["pack"]["serialNumber"] = given["serialNumber"]
    record = addressed(from_json(document, "pack.json"), "https://passport.example.com")
    assert {key: record.pack[key] for key in given} == given
    assert record.pack["dataCarrier"]["payload"] == payload == given["batteryIdentifier"]


def test_an_identifier_under_another_base_is_refused_wherever_it_stands(ev):
    with pytest.raises(FaultyRecord) as refusal:
        addressed(from_json(ev, "pack.json"), "https://other.example")
    assert [fault.location.pointer for fault in refusal.value.faults] == [
        "/pack/batteryIdentifier",
        "/pack/dataCarrier/payload",
    ]
    assert all("https://other.example/01/" in fault.expected for fault in refusal.value.faults)


def test_without_a_base_the_identifier_keeps_its_own_and_must_end_in_the_packs_path(ev):
    assert addressed(from_json(ev, "pack.json"), None).pack == ev["pack"]
    ev["pack"]["batteryIdentifier"] = "https://passport.example.com/id/x/y"
    with pytest.raises(FaultyRecord) as refusal:
        addressed(from_json(ev, "pack.json"), None)
    assert refusal.value.faults[0].expected == "https://…/01/09529999001009/21/A7K2M05G6J0000317"


def test_a_serial_number_that_the_code_does_not_carry_is_refused(ev):
    ev["pack"]["serialNumber"] = "17"
    with pytest.raises(FaultyRecord) as refusal:
        addressed(from_json(ev, "pack.json"), "https://passport.example.com")
    (fault,) = refusal.value.faults
    assert (fault.code, fault.expected, fault.found) == ("other-address", "A7K2M05G6J0000317", '"17"')


@each(
    ("part", "name", "value"),
    [
        ("model", "gtin", "09529999001000"),
        ("pack", "packTractionBatteryCode", "ZZZPE10A7K2M05G2Y0000317"),
        ("model", "gtin", 1),
    ],
)
def test_a_pack_whose_address_cannot_be_made_is_refused_at_the_value_at_fault(ev, part, name, value):
    ev[part][name] = value
    with pytest.raises(FaultyRecord) as refusal:
        addressed(from_json(ev, "pack.json"), "https://passport.example.com")
    assert [fault.location.pointer for fault in refusal.value.faults] == [f"/{part}/{name}"]


# --- claims ---------------------------------------------------------------------------------------------------------

CREDENTIAL = "https://passport.example.com/credentials/1"


def strings(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield value


@each("name", PACKS)
@each("carrier", list(Carrier))
def test_a_credential_says_its_carriers_indicators_in_the_order_of_the_vocabulary(documents, name, carrier):
    record = from_json(documents[name], "pack.json")
    said = claims(record, carrier, CREDENTIAL)
    held = {**record.model, **record.batch, **record.pack, **record.condition, **record.events.get("production", {})}
    expected = [i.id for i in load().indicators.values() if i.carrier is carrier and i.id in held]
    assert [key for key in said or {} if key not in ("recordedAt", "statusChangedAt")] == expected
    for key, value in (said or {}).items():
        kind = load().indicators.get(key)
        assert kind is None or isinstance(value, list) == kind.repeatable


def test_all_indicators_of_a_record_are_in_exactly_one_credential(documents):
    record = from_json(documents["ev-ncm-100kwh"], "pack.json")
    said = [set(claims(record, carrier, CREDENTIAL) or {}) - {"recordedAt", "statusChangedAt"} for carrier in Carrier]
    assert sum(map(len, said)) == len(set().union(*said)) == 135


def test_nested_nodes_have_addresses_under_the_credential_and_terms_for_names(documents):
    record = from_json(documents["ev-ncm-100kwh"], "pack.json")
    model = claims(record, Carrier.MODEL, CREDENTIAL)
    assert model["originalPowerCapability"][1] == {
        "id": f"{CREDENTIAL}#originalPowerCapability-2",
        "atStateOfCharge": "50",
        "powerAtStateOfCharge": "300000",
        "pulseDuration": "PT10S",
    }
    assert model["manufacturerAddress"]["id"] == f"{CREDENTIAL}#manufacturerAddress"
    event = claims(record, Carrier.EVENT, CREDENTIAL)
    assert event["cellTractionBatteryCodes"][191]["id"] == f"{CREDENTIAL}#cellTractionBatteryCodes-192"
    assert isinstance(event["batteryProductionRecord"]["containedModuleCodes"], list)


def test_a_read_out_begins_with_its_times(documents):
    record = from_json(documents["stationary-lfp"], "pack.json")
    assert list(claims(record, Carrier.CONDITION, CREDENTIAL))[:2] == ["recordedAt", "statusChangedAt"]


def test_a_record_with_nothing_for_a_credential_makes_none():
    record = from_json(small(), "pack.json")
    assert claims(record, Carrier.CONDITION, CREDENTIAL) is None
    assert claims(record, Carrier.EVENT, CREDENTIAL) is None
    assert claims(record, Carrier.MODEL_DETAIL, CREDENTIAL) is None


def test_the_same_content_in_another_order_gives_the_same_claims(documents):
    def turned(value):
        return {key: turned(value[key]) for key in reversed(value)} if isinstance(value, dict) else value

    document = documents["ev-ncm-100kwh"]
    for carrier in Carrier:
        one = claims(from_json(document, "a"), carrier, CREDENTIAL)
        assert json.dumps(one) == json.dumps(claims(from_json(turned(document), "b"), carrier, CREDENTIAL))


def test_owner_plate_and_vehicle_number_enter_no_credential():
    secret = {
        "vehicleIdentificationNumber": "LZZPERSON00000001",
        "licensePlateNumber": "京A00001",
        "vehicleSaleRecord": {
            "vin": "LZZPERSON00000001",
            "soldAt": "2026-08-20",
            "saleRegion": "Hefei",
            "ownerName": "Li Si",
            "ownerCode": "340100197001010000",
            "ownerAddress": "1 Example Road",
        },
    }
    events = {load().indicators[name].stage.value: {} for name in secret}
    for name, value in secret.items():
        events[load().indicators[name].stage.value][name] = value
    record = from_json(small(events=events), "pack.json")
    said = [claims(record, carrier, CREDENTIAL, event) for carrier in Carrier for event in events]
    words = json.dumps(said, ensure_ascii=False)
    assert "Hefei" in words
    for word in ("LZZPERSON", "京A", "Li Si", "3401001970", "1 Example Road"):
        assert word not in words


def test_every_indicator_belongs_to_a_part_and_every_quantity_stays_text_in_a_claim(documents):
    for name in PACKS:
        record = from_json(documents[name], "pack.json")
        for carrier in Carrier:
            for key, value in (claims(record, carrier, CREDENTIAL) or {}).items():
                kind = load().indicators.get(key)
                if kind and kind.datatype is Datatype.DECIMAL:
                    assert all(isinstance(item, str) for item in strings(value))
