"""The form of one part of a pack, out of the ontology: units, code lists, help, and what each regime asks for when."""

from __future__ import annotations

from typing import Any

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.drafts.bring_in import judged_draft, keep_values
from issuer.workspace.drafts.form_fields import form_of, indicators_of, typed_values
from issuer.workspace.drafts.judgement import JudgedPack
from issuer.workspace.frame import Colleague, WorkPage, draft_or_404, field_of, page, step, to, workspace
from passport.battery.fault import Fault
from passport.errors import MalformedDocument
from passport.store.workspace.drafts import Draft
from passport.store.workspace.people import WorkRole
from passport.texts import Message
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import Carrier


@page("/bring/<id_>/packs/<int:number>/<dimension>")
def pack_form(who: Colleague, id_: str, number: int, dimension: str) -> WorkPage:
    draft = draft_or_404(id_)
    return _form_page(draft, _pack(draft, number), dimension, ())


@step("/bring/<id_>/packs/<int:number>/<dimension>", WorkRole.ENTER)
def save_pack_form(who: Colleague, id_: str, number: int, dimension: str) -> WorkPage | Response:
    """Keep what was changed. What could not be placed is said at its field, and nothing is kept."""
    here, draft = workspace(), draft_or_404(id_)
    if field_of("version", 10, required=True) != str(draft.version):
        raise MalformedDocument(
            Message("the draft was changed since the page was opened"), expected=Message("the newest page")
        )
    pack = _pack(draft, number)
    record = here.judge.judged(draft, here.drafts.files(id_), on=here.now().date()).reading.items[number].record
    if record is None or dimension not in here.vocabulary.dimensions:
        raise NotFound
    typed = typed_values(record, indicators_of(here.vocabulary, dimension), request.form)
    if typed.faults:
        return _form_page(draft, pack, dimension, typed.faults, request.form)
    if not typed.values:
        return to(f"/bring/{id_}/packs/{number}/{dimension}", "nothing-changed")
    keep_values(who, draft, pack, dict(typed.values))
    return to(f"/bring/{id_}/packs/{number}/{dimension}", "checked-again", n=len(typed.values))


def _pack(draft: Draft, number: int) -> JudgedPack:
    packs = judged_draft(draft).packs
    if number >= len(packs) or packs[number].record is None:
        raise NotFound
    return packs[number]


def _form_page(
    draft: Draft, pack: JudgedPack, dimension: str, refused: tuple[Fault, ...], typed: Any = None
) -> WorkPage:
    here = workspace()
    vocabulary = here.vocabulary
    if dimension not in vocabulary.dimensions:
        raise NotFound
    record = pack.record
    assert record is not None, "it was looked up as one that was read"
    faults: dict[str, list[Fault]] = {}
    for fault in (*refused, *pack.faults):
        faults.setdefault(fault.indicator or "", []).append(fault)
    asked = _asked(pack)
    rows: list[dict[str, Any]] = []
    for indicator in indicators_of(vocabulary, dimension):
        due = asked.get(indicator.id, [])
        value = record.value(indicator.id)
        # An indicator without a value is left out if no regime asks for it in this category.
        if value is None and not due and indicator.id not in faults:
            continue
        rows.append(
            {
                "indicator": indicator, "form": form_of(indicator, value), "faults": faults.get(indicator.id, []),
                "place": record.locate(indicator.id) if value is not None else None, "asked": due,
                "missing": any(fault.code == "missing" for fault in faults.get(indicator.id, [])),
            }
        )  # fmt: skip
    parts = []
    for each in vocabulary.dimensions.values():
        states = [line for report in pack.complete for line in report.lines if line.indicator.dimension.id == each.id]
        due_ids = {line.indicator.id for line in states if line.state.value in ("present", "missing", "malformed")
                   and line.obligation.status.value == "mandatory"}  # fmt: skip
        have = {name for name in due_ids if record.value(name) is not None}
        parts.append((each, len(have), len(due_ids)))
    has_times = any(row["indicator"].carrier is Carrier.CONDITION for row in rows)
    times = [(name, str((record.condition or {}).get(name, ""))) for name in READING_TIMES] if has_times else []
    values = {
        "draft": draft, "pack": pack, "dimension": vocabulary.dimensions[dimension], "rows": rows, "parts": parts,
        "times": times, "typed": typed or {}, "faults": [row for row in rows if row["faults"]],
        "terms": vocabulary.terms,
    }  # fmt: skip
    return WorkPage("form.html", "/bring", values, 400 if refused else 200)


def _asked(pack: JudgedPack) -> dict[str, list[Any]]:
    """What each regime asks for an indicator: its lines, where it asks at all."""
    asked: dict[str, list[Any]] = {}
    for report in pack.complete:
        for line in report.lines:
            if line.obligation.status.value != "not-to-be-filled":
                asked.setdefault(line.indicator.id, []).append((report.result.regime, line))
    return asked
