"""From a file to signed passports: faults at cells, corrections, preview, approval by another person, issue, labels."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from issuer.workspace.drafts import form_fields
from issuer.workspace.drafts.corrections import Corrections
from issuer.workspace.drafts.draft_reading import read_draft
from passport.exchange import formats
from passport.presenting.presenter import Presenter
from passport.store.workspace.drafts import DraftFile, DraftState
from passport.store.workspace.orders import LOST, OrderState
from passport.vocabulary.vocabulary import Audience, load
from tests.each import each
from tests.issued_packs import pack_of_number
from tests.issuer.work_world import AT, WorkWorld, field_of
from tests.packs import example_records

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return WorkWorld(tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def lin(world):
    return world.join("lin", "enter")


@pytest.fixture(scope="module")
def zhao(world):
    return world.join("zhao", "approve")


@pytest.fixture(scope="module")
def tan(world):
    return world.join("tan", "sign")


def workbook(changes=()):
    """The example of an electric bicycle; (sheet, cell, value) are put into it."""
    book = openpyxl.load_workbook(EXAMPLES / "lmt-ebike.xlsx")
    for sheet, cell, value in changes:
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def column(sheet, identifier):
    """The letter of a column in the example."""
    book = openpyxl.load_workbook(EXAMPLES / "lmt-ebike.xlsx")
    for cell in book[sheet][1]:
        if load().by_heading(str(cell.value or "").partition("\n")[0].strip()) is load().indicators[identifier]:
            return cell.column_letter
    raise AssertionError(f"{identifier} has no column on {sheet}")


def bring(desk, *files, format=""):
    """Bring files in. :returns: the address of the draft."""
    data = {"files": [(io.BytesIO(body), name) for name, body in files], "format": format}
    answer = desk.post("/bring", data, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def lines(*numbers, **changes):
    packs = [pack_of_number(number) for number in numbers]
    for pack in packs:
        pack["model"] |= changes
    return ("packs.jsonl", "".join(json.dumps(pack) + "\n" for pack in packs).encode())


def draft_of(world, address):
    return world.here.drafts.get(address.rpartition("/")[2])


def step(desk, world, address, name, **fields):
    return desk.post(f"{address}/{name}", {"version": draft_of(world, address).version, **fields}, at="/bring")


def approved(world, lin, zhao, address):
    assert step(lin, world, address, "ask").status_code == 303
    assert step(zhao, world, address, "approve").status_code == 303


def test_a_workbook_becomes_signed_passports_with_labels(world, lin, zhao, tan):
    mass = column("models", "batteryMass")
    kilograms = example_records("lmt-ebike.xlsx")[0].model["batteryMass"]
    address = bring(lin, ("march.xlsx", workbook([("models", f"{mass}3", kilograms.replace(".", ","))])))
    page = lin.get(address).text
    # The fault is at its cell, with a suggestion that counts only when it is sent.
    key = f"cell|march.xlsx|models|3|{mass}|"
    assert field_of(page, key) == kilograms and f"models!{mass}3" in page
    assert step(lin, world, address, "ask").status_code == 400
    assert step(lin, world, address, "cells", **{key: kilograms}).headers["Location"] == address
    page = lin.get(address).text
    assert "place to mend" not in page and "Nothing on it is signed" in page
    approved(world, lin, zhao, address)
    answer = step(tan, world, address, "order")
    order = answer.headers["Location"]
    assert "0 of 1 passport is signed" in tan.get(order).text
    assert world.worker.work_off() == 1
    assert "1 of 1 passport is signed, and the work is over" in tan.get(order).text
    (pack,) = world.here.orders.packs(world.here.orders.get(order.rpartition("/")[2]))
    assert pack.outcome == "issued"
    view = Presenter(world.store, load()).present(pack.subject, Audience.PUBLIC)
    assert view.claims["batteryMass"] == kilograms
    assert "<svg" in tan.get(f"{order}/labels").text and tan.get(f"{order}/labels.zpl").data.startswith(b"^XA")
    assert tan.get(f"{order}/labels.pdf").data.startswith(b"%PDF")
    assert draft_of(world, address).state is DraftState.ISSUED
    deeds = [deed.deed for deed in world.here.journal.of(address.rpartition("/")[2])]
    assert deeds == ["order-done", "order", "approve", "ask-approval", "change", "bring-in"]


def test_an_unknown_column_is_named_again_and_read(world, lin):
    mass = column("models", "batteryMass")
    address = bring(lin, ("week.xlsx", workbook([("models", f"{mass}1", "Battery weigth")])))
    page = lin.get(address).text
    assert "Battery weigth" in page and "Columns are not known" in page
    step(lin, world, address, "cells", **{f"cell|week.xlsx|models|1|{mass}|": "batteryMass"})
    assert "All 1" in (page := lin.get(address).text) or "can be issued" in page
    assert "Columns are not known" not in page


def test_a_form_changes_the_model_for_all_its_packs(world, lin):
    address = bring(lin, lines(11, 12))
    form = f"{address}/packs/0/performance"
    page = lin.get(form).text
    assert "Wh" in page and "附录" not in page and 'name="ratedCapacity"' in page
    assert step(lin, world, address, "packs/0/performance", ratedCapacity="ten").status_code == 303
    assert 'aria-invalid="true"' in lin.get(form).text
    step(lin, world, address, "packs/0/performance", ratedCapacity="15.5")
    judged = world.here.judge.judged(draft_of(world, address), world.here.drafts.files(address.rpartition("/")[2]),
                                     on=AT.date())  # fmt: skip
    assert [pack.record.model["ratedCapacity"] for pack in judged.packs] == ["15.5", "15.5"]
    assert lin.get(f"{address}/packs/9/performance").status_code == 404
    assert lin.get(f"{address}/packs/0/nothing").status_code == 404


def test_fields_of_a_list_are_typed_entry_by_entry_and_one_can_be_added(world, lin):
    address = bring(lin, lines(13))
    page = lin.get(f"{address}/packs/0/materials").text
    before = json.loads(lines(13)[1])["model"]["criticalRawMaterials"]
    names = re.findall(r'name="(criticalRawMaterials\.\d+\.[a-zA-Z]+)"', page)
    assert max(int(name.split(".")[1]) for name in names) == len(before), "one entry more than there are"
    fields = {name: field_of(page, name) for name in names}
    step(lin, world, address, "packs/0/materials", **fields)
    assert draft_of(world, address).version == 1, "nothing was changed"
    more = {"name": "Cobalt", "identifier": "7440-48-4", "massFraction": "1.6"}
    fields |= {f"criticalRawMaterials.{len(before)}.{name}": text for name, text in more.items()}
    step(lin, world, address, "packs/0/materials", **fields)
    corrections = Corrections.from_json(draft_of(world, address).corrections)
    assert list(corrections.values.values()) == [[*before, more]]


def test_the_preview_shows_a_recycler_what_the_public_does_not_see(world, lin):
    address = bring(
        lin, ("ev.json", next(iter(formats.write("json", example_records("ev-ncm-100kwh.xlsx")).files.values())))
    )
    page = lin.get(f"{address}?reader=recycler").text
    assert "182442-95-1" in page and "Restricted" in page
    for reader in ("market-surveillance", "cn-regulator", "buyer"):
        assert lin.get(f"{address}?reader={reader}&all=1").status_code == 200
    assert lin.get(f"{address}?reader=president").status_code == 404
    assert lin.get(f"{address}?pack=7").status_code == 404
    chinese = lin.get(f"{address}?lang=zh").text
    assert 'lang="zh"' in chinese
    lin.get("/?lang=en")


def test_tables_come_as_several_files_and_as_an_archive(world, lin):
    files = formats.write("csv", example_records("lmt-ebike.xlsx")).files
    tables = [(name, body) for name, body in files.items()]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as made:
        for name, body in tables:
            made.writestr(f"folder/{name}", body)
    for given in (tables, [("tables.zip", archive.getvalue())]):
        page = lin.get(bring(lin, *given)).text
        assert "can be issued" in page and "place to mend" not in page


def test_a_peers_document_is_read_by_its_format(world, lin):
    document = next(iter(formats.write("en18223", example_records("lmt-ebike.xlsx")).files.values()))
    address = bring(lin, ("peer.json", document), format="en18223")
    assert "RS260122-04417" in lin.get(address).text
    assert lin.post("/bring", {"format": "word"}).status_code == 400


BAD = {
    "no file": [],
    "no format": [("letter.docx", b"PK")],
    "no archive": [("tables.zip", b"PK\x03\x04 broken")],
    "no workbook": [("packs.xlsx", b"nothing")],
    "no JSON": [("packs.json", b"{")],
    "one table alone": [("models.csv", b"batteryModelIdentifier\n\nX\n")],
    "nothing": [("packs.jsonl", b"")],
}


@each("files", BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_read_is_a_draft_that_says_why(files):
    files = [DraftFile(name, body) for name, body in files]
    if not files:
        return
    reading = read_draft(files, None, Corrections(), on=AT.date())
    assert reading.unusable or reading.common or not reading.items
    if reading.unusable:
        assert all(str(fault.message) for fault in reading.common)


def test_an_archive_that_unpacks_to_too_much_is_refused():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("packs.csv", b"0" * 40_000_000)
    reading = read_draft([DraftFile("t.zip", archive.getvalue())], None, Corrections(), on=AT.date())
    assert reading.unusable and "too much" in str(reading.common[0].message)


def test_no_files_and_too_many_bytes_are_refused(world, lin):
    assert lin.post("/bring", {}).status_code == 400
    data = {"files": [(io.BytesIO(b"x" * 16_000_001), "large.json")]}
    assert lin.post("/bring", data, content_type="multipart/form-data").status_code in (400, 413)


# --- a second person --------------------------------------------------------------------------------------------------


def test_who_entered_or_changed_a_draft_does_not_approve_it(world, lin):
    both = world.join("both", "enter", "approve")
    address = bring(lin, lines(21))
    step(both, world, address, "packs/0/basic", batteryMass="3.5")
    step(lin, world, address, "ask")
    assert step(both, world, address, "approve").status_code == 400
    assert "You entered or changed it" in both.get(address).text
    own = bring(both, lines(22))
    step(both, world, own, "ask")
    assert step(both, world, own, "approve").status_code == 400


def test_a_change_takes_an_approval_back(world, lin, zhao, tan):
    address = bring(lin, lines(23))
    approved(world, lin, zhao, address)
    step(lin, world, address, "packs/0/basic", batteryMass="3.5")
    assert draft_of(world, address).state is DraftState.DRAFT
    assert step(tan, world, address, "order").status_code == 400


def test_what_is_not_approved_is_not_issued(world, lin, tan):
    address = bring(lin, lines(24))
    assert step(tan, world, address, "order").status_code == 400
    step(lin, world, address, "ask")
    assert step(tan, world, address, "order").status_code == 400


def test_a_step_on_a_page_that_is_old_is_refused(world, lin, zhao):
    address = bring(lin, lines(25))
    step(lin, world, address, "ask")
    old = draft_of(world, address).version
    step(lin, world, address, "packs/0/basic", batteryMass="3.5")
    step(lin, world, address, "ask")
    assert zhao.post(f"{address}/approve", {"version": old}, at="/bring").status_code == 400


def test_sending_back_needs_a_reason(world, lin, zhao):
    address = bring(lin, lines(26))
    step(lin, world, address, "ask")
    assert step(zhao, world, address, "send-back").status_code == 400
    assert step(zhao, world, address, "send-back", reason="mass is wrong").status_code == 303
    assert "mass is wrong" in lin.get(address).text


def test_a_draft_that_was_discarded_stays_so(world, lin, zhao):
    address = bring(lin, lines(27))
    assert step(lin, world, address, "discard").status_code == 303
    for name in ("ask", "discard"):
        assert step(lin, world, address, name).status_code == 400


# --- orders -----------------------------------------------------------------------------------------------------------


def ordered(world, lin, zhao, tan, file, **fields):
    address = bring(lin, file)
    approved(world, lin, zhao, address)
    answer = step(tan, world, address, "order", **fields)
    assert answer.status_code == 303, answer.text
    return address, world.here.orders.get(answer.headers["Location"].rpartition("/")[2])


def test_what_has_a_fault_is_left_out_and_named(world, lin, zhao, tan):
    good, bad = pack_of_number(31), pack_of_number(32)
    bad["pack"]["manufacturingDate"] = "2027-13-40"
    body = "".join(json.dumps(pack) + "\n" for pack in (good, bad)).encode()
    address, order = ordered(world, lin, zhao, tan, ("two.jsonl", body))
    world.worker.work_off()
    assert [pack.outcome for pack in world.here.orders.packs(order)] == ["issued", "refused"]
    assert "EB000032" in tan.get(f"/orders/{order.id}").text
    assert draft_of(world, address).state is DraftState.DRAFT


def test_an_order_whose_worker_is_lost_is_taken_again_and_signs_nothing_twice(world, lin, zhao, tan):
    _, order = ordered(world, lin, zhao, tan, lines(*range(41, 44)))
    taken = world.here.orders.take("lost", at=world.at)
    assert taken.id == order.id and world.worker.work_off() == 0
    run = world.worker._run_order(taken)
    assert run is OrderState.STOPPED, "another worker has the order"
    world.later(seconds=LOST.total_seconds() + 1)
    assert world.worker.work_off() == 1
    assert {pack.outcome for pack in world.here.orders.packs(order)} == {"same"}
    assert world.here.orders.get(order.id).state is OrderState.DONE


def test_an_order_is_stopped_after_the_packs_in_hand(world, lin, zhao, tan):
    _, order = ordered(world, lin, zhao, tan, lines(*range(51, 72)))
    world.later(seconds=1)
    here, advance = world.here, world.here.orders.advance

    def stop_meanwhile(*given, **more):
        here.orders.stop(order, at=world.at, by=tan.person.id)
        return advance(*given, **more)

    here.orders.advance = stop_meanwhile
    try:
        world.worker.work_off()
    finally:
        del here.orders.advance
    ended = here.orders.get(order.id)
    assert (ended.state, ended.signed) == (OrderState.STOPPED, 20)


def test_a_second_issue_says_what_changes_and_needs_a_reason(world, lin, zhao, tan):
    _, order = ordered(world, lin, zhao, tan, lines(81))
    world.worker.work_off()
    world.later(minutes=1)
    address = bring(lin, lines(81, batteryMass="3.6"))
    assert "What changes on re-issue" in lin.get(address).text
    approved(world, lin, zhao, address)
    assert step(tan, world, address, "order").status_code == 400
    answer = step(tan, world, address, "order", reason="mass was wrong", public_reason="mass corrected")
    world.worker.work_off()
    order = world.here.orders.get(answer.headers["Location"].rpartition("/")[2])
    (pack,) = world.here.orders.packs(order)
    view = Presenter(world.store, load()).present(pack.subject, Audience.PUBLIC)
    assert view.claims["batteryMass"] == "3.6"


def test_the_lists_say_what_there_is(world, lin, tan):
    assert "EB000081" in tan.get("/passports").text
    assert "EB000081" in tan.get("/passports?q=EB000081").text
    assert "No passport of" in tan.get("/passports?q=EB999999").text
    assert tan.get("/passports?state=lost").status_code == 404
    for path in ("/", "/orders", "/bring", "/keys", "/events", "/suppliers", "/access"):
        for language in ("en", "zh"):
            assert lin.get(f"{path}?lang={language}").status_code == 200
    lin.get("/?lang=en")


def test_a_unit_of_a_form_is_a_word_of_the_language_where_people_write_words():
    cycles, energy = (
        form_fields.form_of(indicator, None).entries[0].controls[0].unit
        for indicator in map(load().indicators.get, ("expectedNumberOfCycles", "ratedCapacity"))
    )
    assert (cycles["en"], cycles["zh"]) == ("cycles", "次")
    assert energy["en"] == energy["zh"] == "Ah"
