"""Files come in, and a draft is shown: what was read, what is wrong and where, who will see what, what is complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.drafts.corrections import Corrections, value_place
from issuer.workspace.drafts.fault_groups import FaultGroup, cell_of, grouped
from issuer.workspace.drafts.judgement import JudgedDraft, JudgedPack, completeness_of
from issuer.workspace.drafts.preview import READERS, preview
from issuer.workspace.frame import Colleague, WorkPage, download, draft_or_404, field_of, page, step, to, workspace
from issuer.workspace.words import WorkWords
from passport.battery.fault import Fault
from passport.errors import MalformedDocument
from passport.exchange.formats import PEERS
from passport.store.workspace.drafts import Draft, DraftFile, DraftState
from passport.store.workspace.people import WorkRole
from passport.texts import Message
from passport.validation.validation_report import IndicatorState
from passport.vocabulary.vocabulary import Datatype

#: Packs of a draft that are shown one by one, and lines of a group of faults.
SHOWN_PACKS, SHOWN_LINES = 100, 40


@page("/bring")
def bring(who: Colleague) -> WorkPage:
    here = workspace()
    open_ = here.drafts.all(DraftState.DRAFT, DraftState.WAITS, DraftState.APPROVED, DraftState.ISSUING)
    return WorkPage("bring.html", "/bring", {"drafts": open_, "peers": PEERS})


@step("/bring", WorkRole.ENTER)
def do_bring(who: Colleague) -> Response:
    files = [
        DraftFile(each.filename.replace("\\", "/").rpartition("/")[2], each.read())
        for each in request.files.getlist("files")
        if each.filename
    ]
    chosen = field_of("format", 40)
    if chosen and chosen not in PEERS:
        raise MalformedDocument(Message("{name} of the form", name="format"), expected=", ".join(PEERS))
    here = workspace()
    return to(f"/bring/{here.drafts.add(files, chosen or None, at=here.now(), by=who.id)}")


def judged_draft(draft: Draft) -> JudgedDraft:
    """The draft judged as of today. Its figures are kept for lists."""
    here = workspace()
    judged = here.judge.judged(draft, here.drafts.files(draft.id), on=here.now().date())
    here.drafts.summarise(
        draft,
        {
            "packs": len(judged.packs), "ready": len(judged.ready), "faults": len(judged.faults),
            "names": [pack.name for pack in judged.packs[:5]],
        },
    )  # fmt: skip
    return judged


@page("/bring/<id_>")
def draft(who: Colleague, id_: str) -> WorkPage:
    """The draft. Its state is in the address: which pack is previewed, for which reader, and whether all of it."""
    return draft_page(who, draft_or_404(id_))


def draft_page(who: Colleague, shown: Draft, *, fault: Message | None = None) -> WorkPage:
    here = workspace()
    judged = judged_draft(shown)
    words = WorkWords(who.language)
    number = _number("pack", len(judged.packs))
    reader = request.args.get("reader", "recycler")
    if reader not in READERS:
        raise NotFound
    pack = judged.packs[number] if judged.packs else None
    everything = request.args.get("all") == "1"
    groups = (
        preview(
            pack.record, READERS[reader], here.vocabulary, who.language, policy=here.project.access_policy,
            faults=pack.faults, everything=everything,
        )
        if pack is not None and pack.record is not None
        else ()
    )  # fmt: skip
    orders = here.orders.all(draft=shown.id, limit=5)
    values: dict[str, Any] = {
        "draft": shown, "judged": judged, "groups": fault_groups(judged), "pack": pack, "number": number,
        "reader": reader, "readers": READERS, "preview": groups, "everything": everything, "fault": fault,
        "matrix": [(each, _row(each)) for each in judged.packs[:SHOWN_PACKS]],
        "columns": matrix_columns(judged), "later_day": judged.later_day,
        "hands": here.drafts.hands(shown.id), "orders": orders, "journal": here.journal.of(shown.id, limit=20),
        "suppliers": here.suppliers.all(draft=shown.id), "shown_lines": SHOWN_LINES, "shown_packs": SHOWN_PACKS,
        "files": here.drafts.files(shown.id), "changes": changes(judged, words), "missing_of": missing_of,
        "form_of_fault": lambda line: _form_address(shown, line.packs, line.indicator),
        "headings": _headings(words),
    }  # fmt: skip
    return WorkPage("draft.html", "/bring", values, 400 if fault else 200)


def fault_groups(judged: JudgedDraft) -> tuple[FaultGroup, ...]:
    """Faults once each, with the packs that wait for them."""
    packs: dict[Fault, list[int]] = {fault: [] for fault in judged.common}
    for pack in judged.packs:
        for fault in pack.faults:
            packs.setdefault(fault, []).append(pack.number)
    return grouped(((fault, tuple(numbers)) for fault, numbers in packs.items()), workspace().vocabulary)


def matrix_columns(judged: JudgedDraft) -> list[tuple[Any, bool]]:
    """Regime and whether it is of the later day, for each column of the matrix."""
    first = next((pack for pack in judged.packs if pack.complete), None)
    if first is None:
        return []
    columns = [(report.result.regime, False) for report in first.complete]
    return [*columns, *((report.result.regime, True) for report in first.later)]


def _row(pack: JudgedPack) -> list[Any]:
    return [*pack.complete, *pack.later]


def missing_of(report: Any) -> list[Any]:
    """Lines of a report that prevent completeness."""
    return [line for line in report.to_do if line.state is not IndicatorState.EXCLUDED]


def changes(judged: JudgedDraft, words: WorkWords) -> list[tuple[str, Message]]:
    """What a re-issue would change: by pack, the first difference of each credential in force."""
    from issuer.workspace.drafts.reissue import differences

    here = workspace()
    records = [(pack.name, pack.record) for pack in judged.ready[:SHOWN_PACKS] if pack.record is not None]
    return differences(here.store, records, here.project.base_url, here.vocabulary)


def _headings(words: WorkWords) -> list[tuple[str, str]]:
    """The names that an unknown column may be given: indicators with a single value, by label."""
    single = (each for each in workspace().vocabulary.indicators.values() if each.datatype is not Datatype.STRUCTURED)
    return sorted(((each.id, words.say(each.label)) for each in single if not each.personal_data), key=lambda p: p[1])


def _form_address(shown: Draft, packs: Sequence[int], indicator: Any) -> str | None:
    if indicator is None or not packs:
        return None
    return f"/bring/{shown.id}/packs/{packs[0]}/{indicator.dimension.id}#{indicator.id}"


def _number(name: str, count: int) -> int:
    text = request.args.get(name, "0")
    if not (text.isascii() and text.isdecimal() and len(text) < 6) or (count and int(text) >= count):
        raise NotFound
    return int(text)


# --- corrections at cells ---------------------------------------------------------------------------------------------


@step("/bring/<id_>/cells", WorkRole.ENTER)
def correct_cells(who: Colleague, id_: str) -> Response:
    """Take what was put into the fields beside the faults; fields that were left as they were change nothing."""
    here, shown = workspace(), draft_or_404(id_)
    _check_version(shown)
    corrections = Corrections.from_json(shown.corrections)
    cells = {}
    for key, text in request.form.items(multi=True):
        place = cell_of(key)
        if place is not None and text.strip() and len(text) <= 2000:
            cells[place] = text.strip()
    if not cells:
        return to(f"/bring/{id_}", "nothing-changed")
    what = ", ".join(place.column + str(place.row) if place.sheet else place.pointer for place in cells)
    here.drafts.correct(shown, corrections.with_cells(cells).to_json(), at=here.now(), by=who.id, what=what[:300])
    return to(f"/bring/{id_}", "checked-again", n=len(cells))


def keep_values(who: Colleague, shown: Draft, pack: JudgedPack, values: dict[str, Any]) -> None:
    """Keep corrected values of a pack, or of the model that it shares with others."""
    here = workspace()
    record = (
        here.judge.judged(shown, here.drafts.files(id_ := shown.id), on=here.now().date())
        .reading.items[pack.number]
        .record
    )
    assert record is not None, f"a form of draft {id_} is of a pack that was read"
    corrections = Corrections.from_json(shown.corrections)
    original = _before(shown, corrections, pack.number)
    places = {value_place(original or record, pack.number, name): value for name, value in values.items()}
    here.drafts.correct(
        shown, corrections.with_values(places).to_json(), at=here.now(), by=who.id, what=", ".join(values)[:300]
    )


def _before(shown: Draft, corrections: Corrections, number: int) -> Any:
    """The record before corrections of values: its model is named as in the file."""
    from issuer.workspace.drafts.draft_reading import read_draft

    here = workspace()
    plain = Corrections(corrections.cells)
    items = read_draft(here.drafts.files(shown.id), shown.format, plain, on=here.now().date()).items
    return items[number].record if number < len(items) else None


def _check_version(shown: Draft) -> None:
    """:raises MalformedDocument: the page was of another version."""
    if field_of("version", 10, required=True) != str(shown.version):
        raise MalformedDocument(
            Message("the draft was changed since the page was opened"), expected=Message("the newest page")
        )


# --- files ------------------------------------------------------------------------------------------------------------


@page("/bring/<id_>/files/<int:number>")
def draft_file(who: Colleague, id_: str, number: int) -> Response:
    """A file as it came."""
    files = workspace().drafts.files(draft_or_404(id_).id)
    if number >= len(files):
        raise NotFound
    return download(files[number].body, files[number].name, "application/octet-stream")


@page("/bring/<id_>/corrected.<kind>")
def corrected_file(who: Colleague, id_: str, kind: str) -> Response:
    """All packs with their corrections, as a workbook or JSON."""
    from passport.exchange import formats

    if kind not in ("xlsx", "json"):
        raise NotFound
    here, shown = workspace(), draft_or_404(id_)
    judged = here.judge.judged(shown, here.drafts.files(id_), on=here.now().date())
    records = judged.reading.records
    if not records:
        raise NotFound
    body = next(iter(formats.write(kind, records).files.values()))
    return download(body, f"{shown.name.partition('.')[0] or 'draft'}-corrected.{kind}", "application/octet-stream")


__all__ = ["completeness_of", "draft_page", "judged_draft", "keep_values"]
