"""Headers of a peer's document are read: a passport that is not in force, or is of another grain, is a fault."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import date

import pytest

from passport.errors import FaultyRecord
from passport.exchange import formats
from passport.exchange.records import record_files
from tests.each import each

ON = date(2027, 3, 1)


def document_of(format, record):
    return json.loads(json.dumps(formats.PEERS[format].export(record).document))


def violations(format, document, on=ON):
    reading = formats.PEERS[format].read(document, "x", on=on)
    return [(fault.code, fault.location.pointer) for fault in reading.faults if fault.severity == "violation"]


@each(
    ("format", "path", "value", "code"),
    [
        ("catenax", "metadata.expirationDate", "2027-02-28", "not-valid"),
        ("catenax", "metadata.issueDate", "2027-03-02", "not-valid"),
        ("catenax", "metadata.status", "draft", "not-approved"),
        ("untp", "validUntil", "2027-02-28T23:59:59Z", "not-valid"),
        ("untp", "validFrom", "2027-03-02T00:00:00Z", "not-valid"),
        ("untp", "credentialSubject.granularityLevel", "model", "other-granularity"),
        ("untp", "credentialSubject.granularityLevel", "batch", "other-granularity"),
        ("untp-0.7.0", "validUntil", "2027-02-28T23:59:59Z", "not-valid"),
        ("untp-0.7.0", "credentialSubject.idGranularity", "model", "other-granularity"),
        ("en18223", "dppStatus", "Inactive", "inactive-passport"),
        ("en18223", "granularity", "Batch", "other-granularity"),
    ],
)
def test_a_passport_that_is_not_in_force_or_of_another_grain_is_refused(ev, format, path, value, code):
    document = document_of(format, ev)
    assert violations(format, document) == []
    holder = document
    *way, last = path.split(".")
    for step in way:
        holder = holder.setdefault(step, {})
    holder[last] = value
    assert violations(format, document) == [(code, f"$.{path}")]


@each("format", ["untp", "untp-0.7.0"])
def test_a_period_that_holds_on_the_day_is_no_loss(ev, format):
    document = {**document_of(format, ev), "validFrom": "2027-03-01T00:00:00Z", "validUntil": "2027-03-01T12:00:00Z"}
    named = {fault.location.pointer for fault in formats.PEERS[format].read(document, "x", on=ON).faults}
    assert not named & {"$.validFrom", "$.validUntil"}
    unjudged = {fault.location.pointer for fault in formats.PEERS[format].read(document, "x").faults}
    assert {"$.validFrom", "$.validUntil"} <= unjudged, "without a day the period is named as not checked"


@each(
    ("dates", "codes"),
    [
        ({"ExpiryDate": "2027-02-28"}, ["not-valid"]),
        ({"IssueDate": "2027-03-02"}, ["not-valid"]),
        ({"IssueDate": "2027-03-01", "ExpiryDate": "2027-03-01"}, []),
    ],
)
def test_a_marking_of_an_aas_environment_that_is_not_in_force_is_refused(ev, dates, codes):
    document = document_of("aas", ev)
    plate = next(each for each in document["submodels"] if each["idShort"] == "BatteryNameplate")
    markings = next(each for each in plate["submodelElements"] if each["idShort"] == "Markings")["value"]
    for name, day in dates.items():
        element = {"modelType": "Property", "idShort": name, "valueType": "xs:date", "value": day}
        markings[0]["value"].append(element)
    assert [code for code, _ in violations("aas", document)] == codes
    places = {f"$.BatteryNameplate.Markings[0].{name}" for name in dates}
    judged, unjudged = (
        {fault.location.pointer for fault in formats.PEERS["aas"].read(document, "x", on=on).faults}
        for on in (ON, None)
    )
    assert places & judged == (places if codes else set())
    assert places <= unjudged, "without a day the period is named as not checked"


def test_the_reader_of_files_passes_the_day_on(ev, tmp_path):
    path = tmp_path / "dpp.json"
    path.write_text(json.dumps({**document_of("untp-0.7.0", ev), "validUntil": "2027-02-01T00:00:00Z"}))
    for on, expected in ((ON, {"not-valid"}), (date(2027, 1, 1), set())):
        faults = record_files.read(path, "untp-0.7.0", on=on)[1]
        assert {fault.code for fault in faults if fault.severity == "violation"} == expected


@each("format", ["untp", "untp-0.7.0"])
def test_an_enveloped_credential_is_unwrapped_and_its_signature_named_as_not_checked(ev, format):
    document = document_of(format, ev)
    payload = urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJFUzI1NiJ9.{payload}.c2ln"
    envelope = {"type": "EnvelopedVerifiableCredential", "id": f"data:application/vc+jwt,{token}"}
    bare = formats.PEERS[format].read(document, "x")
    for given in (envelope, token):
        reading = formats.PEERS[format].read(given, "x")
        assert reading.record == bare.record
        assert (reading.faults[0].code, reading.faults[0].severity) == ("token-not-checked", "warning")


def test_a_token_that_cannot_be_read_is_refused(ev):
    for text in ("a.%%%.c", "a.bm8ganNvbg.c", "a.e30.c"):
        with pytest.raises(FaultyRecord, match="no UNTP"):
            formats.PEERS["untp"].read({"type": ["EnvelopedVerifiableCredential"], "id": text}, "x")


@each(("context", "version", "hint"), [
    ("https://test.uncefact.org/vocabulary/untp/dpp/0.6.0/", "version 0.6.0", None),
    ("https://vocabulary.uncefact.org/untp/0.7.0/context/", "version 0.7.0", "name the format: --from untp-0.7.0"),
])  # fmt: skip
def test_another_version_of_untp_is_named(ev, context, version, hint):
    document = {**document_of("untp", ev), "@context": ["https://www.w3.org/ns/credentials/v2", context]}
    with pytest.raises(FaultyRecord, match="another version") as raised:
        formats.PEERS["untp"].read(document, "x")
    (fault,) = raised.value.faults
    assert (fault.found, fault.expected, fault.hint) == (version, "version 0.6.1", hint)
