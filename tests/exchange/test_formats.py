"""The table of formats: each of ours holds every record whole, each peer's goes through files as through memory."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from itertools import product
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.battery.record_json import from_json, many_from_json_tolerantly
from passport.errors import FaultyRecord, PassportError, UsageError
from passport.exchange import formats, peer_format
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import csv_writer
from tests.conftest import example_count, share
from tests.each import each
from tests.validation.record_mutants import mutant

PACKS = ("ev-ncm-100kwh", "lmt-ebike", "stationary-lfp")


def save(written, folder):
    for name, data in written.files.items():
        path = folder / (name or "packs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def same(one, other):
    parts = [(one.model, other.model), (one.pack, other.pack), (one.condition or {}, other.condition or {})]
    parts += [(one.events.get(name, {}), other.events.get(name, {})) for name in {*one.events, *other.events}]
    return all(peer_format.same(dict(mine), dict(theirs)) for mine, theirs in parts)


@pytest.mark.parametrize("format", ["json", "xlsx", "csv"])
def test_our_own_formats_lose_nothing(pack, format, tmp_path):
    folder = save(formats.write(format, [pack]), tmp_path / "out")
    (again,) = record_files.read_records(folder if format == "csv" else folder / "packs", format)
    assert same(pack, again)


@each("format", ["json", "xlsx", "csv"])
def test_several_packs_of_one_model_go_into_one_output(ev, format, tmp_path):
    second = replace(
        ev, pack={**ev.pack, "packTractionBatteryCode": "ZZZPE10A7K2M05G6J0000318", "serialNumber": "A7K2M05G6J0000318"}
    )
    folder = save(formats.write(format, [ev, second]), tmp_path / "out")
    records = record_files.read_records(folder if format == "csv" else folder / "packs", format)
    assert [record.pack["serialNumber"] for record in records] == ["A7K2M05G6J0000317", "A7K2M05G6J0000318"]
    assert same(ev, records[0])


@pytest.mark.product(of=4)
@pytest.mark.parametrize("format", formats.PEERS)
def test_a_peers_format_reads_the_same_from_files_as_from_memory(pack, format, tmp_path):
    one = formats.PEERS[format]
    memory = one.read(one.export(pack).document, "x").record
    folder = save(formats.write(format, [pack]), tmp_path / "out")
    path = folder if one.several else next(folder.iterdir())
    records, faults = record_files.read(path, format)
    assert [fault for fault in faults if fault.severity == "violation"] == []
    assert same(memory, records[0])
    (tmp_path / "one.json").write_bytes(formats.write(format, [pack], one_file=True).files[""])
    assert same(memory, record_files.read(tmp_path / "one.json", format)[0][0])


@pytest.mark.product(of=4)
@pytest.mark.parametrize("format", formats.PEERS)
def test_what_a_format_lost_is_named_and_nothing_else_changed(pack, format):
    (said,) = formats.write(format, [pack]).packs
    lost = {loss.indicator for loss in said.losses}
    one = formats.PEERS[format]
    again = one.read(one.export(pack).document, "x").record
    for name in {**pack.model, **pack.batch, **pack.pack}.keys() - lost:
        assert peer_format.same(pack.value(name), again.value(name)), name
    assert all(loss.reason for loss in said.losses)


def test_records_of_two_packs_are_two_documents_of_a_peer(ev, tmp_path):
    second = replace(ev, pack={**ev.pack, "packTractionBatteryCode": "ZZZPE10A7K2M05G6J0000318"})
    assert len(formats.write("catenax", [ev, second]).files) == 2
    assert len(formats.write("batterypass", [ev, second]).files) == 14
    with pytest.raises(UsageError, match="one battery a file"):
        formats.write("catenax", [ev, second], one_file=True)
    with pytest.raises(UsageError, match="two packs have the same name"):
        formats.write("catenax", [ev, ev])


def test_a_pack_name_cannot_lead_out_of_the_folder(ev):
    hostile = replace(ev, pack={"serialNumber": "../../etc/passwd"})
    assert list(formats.write("untp", [hostile]).files) == ["etc-passwd.json"]


def test_unknown_formats_no_records_and_a_folder_as_a_file_are_refused(ev):
    with pytest.raises(UsageError, match="no format is called"):
        formats.write("excel", [ev])
    with pytest.raises(UsageError, match="no record"):
        formats.write("json", [])
    with pytest.raises(UsageError, match="folder"):
        formats.write("csv", [ev], one_file=True)


def test_every_format_that_is_written_can_be_read():
    # JSON lines and Parquet files are the input of long runs; JSON is what is written.
    assert set(formats.FORMATS) == set(record_files.FORMATS) - {"jsonl", "parquet"}


def test_json_bytes_depend_on_what_is_said_and_not_on_its_order(ev):
    turned = replace(ev, model=dict(reversed(ev.model.items())))
    assert formats.write("json", [ev]).files == formats.write("json", [turned]).files
    assert json.loads(formats.write("json", [ev]).files[""])["condition"]["recordedAt"]


@settings(max_examples=example_count(30), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1, max_size=30))
def test_any_text_reads_back_from_csv_as_it_was(ev, text, tmp_path_factory):
    text = " ".join(text.split()) or "x"
    record = replace(ev, model={**ev.model, "manufacturerName": text, "registeredTrademark": [text, f"{text} 2"]})
    folder = save(formats.write("csv", [record]), tmp_path_factory.mktemp("csv"))
    assert record_files.read_records(folder)[0].model["manufacturerName"] == text
    assert record_files.read_records(folder)[0].model["registeredTrademark"] == [text, f"{text} 2"]


def test_csv_begins_with_a_byte_order_mark_and_refuses_what_no_cell_can_hold(ev):
    assert csv_writer.write([ev])["models.csv"].startswith(b"\xef\xbb\xbf")
    with pytest.raises(UsageError, match="no cell can hold"):
        csv_writer.write([replace(ev, model={**ev.model, "registeredTrademark": ["a\nb", "c"]})])


def test_losses_of_lists_are_found_whatever_the_order():
    assert peer_format.same([{"a": "1"}, {"a": "2.0"}], [{"a": "2"}, {"a": 1}])
    assert not peer_format.same([{"a": "1"}], [{"a": "1"}, {"a": "1"}])
    assert not peer_format.same(True, 1)
    assert peer_format.same("2026-11-16T08:30:00Z", "2026-11-16T09:30:00+01:00")
    assert not peer_format.same("2026-11-16", "2026-11-17")


# --- hostile input ----------------------------------------------------------------------------------------------------

NASTY = st.sampled_from(
    [
        "sNaN",
        "NaN",
        "-Infinity",
        "1e5000000",
        "1E-999999",
        "१२",
        {"a": 1},
        [[]],
        [{}],
        [None],
        ["sNaN", 5],
        [5],
        True,
    ]
)
WHERE = st.lists(st.integers(0, 200), min_size=1, max_size=5)


@pytest.mark.product(of=2)
@pytest.mark.parametrize("format", formats.FORMATS)
@settings(max_examples=example_count(30), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_value_of_a_record_that_nobody_validated_escapes_as_another_error(format, data, examples, spoil, anything):
    document = json.loads((examples / "lmt-ebike.json").read_text("utf-8"))
    for path in data.draw(st.lists(WHERE, min_size=1, max_size=3)):
        document = spoil(document, path, data.draw(NASTY | anything))
    with contextlib.suppress(PassportError):
        records, _ = many_from_json_tolerantly(document, "x.json")
        formats.write(format, records)


LISTS = ("hazardousSubstances", "substanceImpact", "labelMeaning", "componentPartNumbers")


@pytest.mark.product
@each("format", share([name for name in formats.FORMATS if name != "xlsx"], 0, of=2))
def test_a_list_that_is_none_is_left_out_or_refused(ev, format):
    values = (None, 5, "x", {}, {"name": "x"}, [None], [5], [{"name": {}}], [{"name": []}])
    for value, indicator in share(product(values, LISTS), list(formats.FORMATS).index(format), of=3):
        with contextlib.suppress(UsageError):
            formats.write(format, [replace(ev, model={**ev.model, indicator: value})])


@pytest.mark.product(of=2)
@pytest.mark.parametrize("format", formats.PEERS)
@settings(max_examples=example_count(30), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_placeholder_in_an_odd_place_escapes_as_another_error(format, data, ev, spoil):
    """What says nothing is taken out before anything is mapped, and takes what it leaves empty with it."""
    one = formats.PEERS[format]
    document = one.export(ev).document
    for path in data.draw(st.lists(WHERE, min_size=1, max_size=3)):
        said = st.sampled_from([peer_format.NO_ENTRY, peer_format.NO_TEXT, peer_format.NO_NUMBER])
        document = spoil(document, path, data.draw(said | said.map(lambda text: {"product": {"name": text}})))
    with contextlib.suppress(FaultyRecord):
        one.read(document, "x.json")


@pytest.mark.product
@each("name", share(list(formats.PEERS), 0, of=3))
def test_no_record_makes_writing_fail_in_a_way_of_its_own(name, examples):
    """Records that no reader would give, since they can also be made by a program."""
    random = Random(20261129)
    documents = [json.loads(path.read_text("utf-8")) for path in sorted(examples.glob("*.json"))]
    records = [from_json(document, "pack.json") for document in documents]
    peer = formats.PEERS[name]
    written = 0
    for _ in range(30):
        record = random.choice(records)
        parts = {part: getattr(record, part) or {} for part in ("model", "batch", "pack", "condition", "events")}
        changed = mutant(random, parts)
        strange = replace(record, **{part: changed[part] or {} for part in ("model", "batch", "pack")},
                          condition=changed["condition"] or None)  # fmt: skip
        with contextlib.suppress(PassportError):
            peer.read(json.loads(json.dumps(peer.export(strange).document)), "x")
            written += 1
    assert written > 20
