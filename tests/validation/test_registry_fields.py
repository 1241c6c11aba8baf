"""What the register of passports asks for: a notice where it is absent, signed and shown where it is given."""

from __future__ import annotations

from datetime import UTC, date, datetime

from passport.commands.keeping.init import make_project
from passport.exchange import en18223
from passport.exchange.spreadsheet import record_writer, workbook_reader
from passport.presenting.presenter import Presenter
from passport.store import Store
from passport.texts import by_language
from passport.validation.validator import validate
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience, Carrier, regimes
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

IMPORTER = {"name": "Import GmbH", "eoriNumber": "DE123456789012345", "addressCountry": "DE"}
BACKUP = {"name": "Second Copy B.V.", "identifier": "NL-12345678", "webAddress": "https://copy.example/passports"}


def given(**changes):
    return {
        "/model/commodityCode": "8507600090",
        "/model/backupProvider": dict(BACKUP),
        "/pack/importerInformation": dict(IMPORTER),
        **changes,
    }


def judged(record, on=date(2027, 3, 8), codes=("eu",)):
    return validate(record, [regimes()[code] for code in codes], on=on)


def notices(record, **options):
    reports = judged(record, **options).regimes.values()
    return [notice for report in reports for notice in report.notices if notice.code == "asked-by-registry"]


@each("name", ["EV", "ST", "LMT"])
def test_a_passport_without_what_the_register_asks_for_gets_a_notice_and_conforms(name, pack_record):
    record = pack_record(name)
    found = notices(record)
    assert [fault.indicator for fault in found] == ["backupProvider", "commodityCode"]
    assert judged(record).conforms
    assert "register" in by_language(found[0].message)["en"]


def test_before_the_first_day_and_under_another_regime_there_is_none(pack_record):
    assert notices(pack_record("EV"), on=date(2027, 2, 17)) == []
    assert notices(pack_record("EV"), codes=("cn",)) == []


@each("name", ["EV", "ST", "LMT"])
def test_a_passport_with_all_of_it_gets_none(name, pack_record):
    record = pack_record(name, given())
    assert notices(record) == [] and judged(record).conforms


@each(("pointer", "value"), [
    ("/model/commodityCode", "8507.60"), ("/model/commodityCode", "85076"), ("/model/commodityCode", "850760009"),
    ("/pack/importerInformation/eoriNumber", "123"), ("/pack/importerInformation/eoriNumber", "de1"),
    ("/pack/importerInformation/eoriNumber", ...), ("/pack/importerInformation/name", ...),
    ("/model/backupProvider/identifier", ...), ("/model/backupProvider/webAddress", "http://copy.example"),
])  # fmt: skip
def test_a_malformed_field_of_the_register_is_refused(pointer, value, pack_record):
    report = judged(pack_record("ST", given(**{pointer: value})))
    assert not report.conforms
    assert {fault.indicator for fault in report.faults if fault.severity == "violation"} == {pointer.split("/")[2]}


def test_each_belongs_to_its_grain():
    carriers = {name: vocabulary.load().indicators[name].carrier for name in ("commodityCode", "backupProvider")}
    assert set(carriers.values()) == {Carrier.MODEL}
    assert vocabulary.load().indicators["importerInformation"].carrier is Carrier.PASSPORT


def test_workbook_and_en_18223_carry_them(pack_record):
    record = pack_record("ST", given())
    (back,) = workbook_reader.read(record_writer.write(None, [record]))
    export = en18223.write(record)
    assert not {loss.indicator for loss in export.losses} & {"commodityCode", "backupProvider", "importerInformation"}
    for read in (back, en18223.read(export.document).record):
        assert read.value("commodityCode") == "8507600090"
        assert read.value("backupProvider") == BACKUP and read.value("importerInformation") == IMPORTER


def test_they_are_signed_and_public(pack_record, tmp_path):
    project = make_project(tmp_path / "operator", "https://passport.example.com", names={"en": "Operator"})
    store = Store.open("sqlite://")
    publisher = RememberingPublisher(
        store, project.issuer_with_key(None), project.base_url, vocabulary.load(), tuple(regimes().values())
    )
    report = publisher.issue([pack_record("ST", given())], at=datetime(2027, 3, 8, tzinfo=UTC))
    view = Presenter(store, vocabulary.load()).present(report.of_kind("pack")[0].subject, Audience.PUBLIC)
    model, pack = (view.credential(kind)["credentialSubject"] for kind in (MODEL, PASSPORT))
    assert model["commodityCode"] == "8507600090"
    assert model["backupProvider"]["partyIdentifier"] == "NL-12345678"
    assert pack["importerInformation"]["eoriNumber"] == IMPORTER["eoriNumber"]
