"""Suppliers: ask one for its part by a link, and take the answer in.

* The link opens a form with the values that were asked for and nothing else of the draft.
* An answer is shown before it is taken in. Taken in, it is one more file of the draft, with the supplier's name:
  merging compares it with what is there, and each of its values keeps where it came from. A contradiction is a fault.
* The supplier types its answer into the form, or sends it as a file that it signed
  (:mod:`issuer.workspace.people.signed_parts`). The page says whose signature an answer has, or that it has none.

    GET  /supplier/{link}                  the form; with ?format=json the request, to be signed for
    POST /supplier/{link}                  the answer: fields of the form, or the file field ``signed``
    GET  /suppliers/{id}/signed            what the supplier signed, to keep
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from flask import request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from issuer.workspace.drafts.bring_in import judged_draft
from issuer.workspace.drafts.form_fields import form_of, typed_values
from issuer.workspace.drafts.said_values import said_value
from issuer.workspace.frame import (
    Colleague,
    WorkPage,
    colleague,
    download,
    draft_or_404,
    field_of,
    open_page,
    page,
    step,
    to,
    workspace,
)
from issuer.workspace.people.signed_parts import part_request, signed_answer, signer_of, text_of
from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.battery.value_reader import part_of
from passport.connector.data.signed_part import MAX_LENGTH
from passport.errors import MalformedDocument, PassportError, StoreFailure
from passport.linked_data import strict_json
from passport.store.workspace.drafts import Draft, DraftFile
from passport.store.workspace.people import WorkRole
from passport.store.workspace.supplier_requests import SupplierRequest
from passport.texts import Message, error_hint, error_text
from passport.vocabulary.vocabulary import Indicator

_MOST_INDICATORS = 60
#: Ending of a file of a draft whose supplier signed it: pages show the file's name beside each of its values.
SIGNED_ENDING = ".signed.json"
#: Parts that a supplier can be asked for. Read-outs and events come from whom they are of.
_PARTS = ("model", "batch", "pack")
_KEYS = ("batteryModelIdentifier", "packTractionBatteryCode", "serialNumber", "batteryIdentifier")


@page("/suppliers")
def suppliers(who: Colleague) -> WorkPage:
    here = workspace()
    rows = [(each, here.drafts.get(each.draft)) for each in here.suppliers.all()]
    return WorkPage("suppliers.html", "/suppliers", {"rows": rows})


@page("/bring/<id_>/packs/<int:number>/ask-supplier", WorkRole.ENTER)
def ask_supplier(who: Colleague, id_: str, number: int) -> WorkPage:
    """Which values to ask for: those that are missing are chosen already."""
    draft = draft_or_404(id_)
    return _ask_page(draft, number)


@step("/bring/<id_>/packs/<int:number>/ask-supplier", WorkRole.ENTER)
def do_ask_supplier(who: Colleague, id_: str, number: int) -> WorkPage:
    """Make the link. It is shown once, here, and kept nowhere."""
    here, draft = workspace(), draft_or_404(id_)
    known = {each.id for each in _askable()}
    chosen = [name for name in request.form.getlist("indicators") if name in known][:_MOST_INDICATORS]
    if not draft.can_change:
        raise MalformedDocument(Message("the draft cannot be changed any more"))
    token = here.suppliers.add(id_, number, field_of("supplier", 200), chosen, at=here.now(), by=who.id)
    return _ask_page(draft, number, link=f"{here.config.origin}/supplier/{token}")


def _ask_page(draft: Draft, number: int, *, link: str | None = None) -> WorkPage:
    here, judged = workspace(), judged_draft(draft)
    if number >= len(judged.packs) or judged.packs[number].record is None:
        raise NotFound
    pack = judged.packs[number]
    missing = {fault.indicator for fault in pack.faults if fault.code == "missing"}
    assert pack.record is not None, "it was looked up as one that was read"
    groups: dict[str, list[tuple[Indicator, bool, bool]]] = {}
    for each in _askable():
        given = pack.record.value(each.id) is not None
        groups.setdefault(each.dimension.id, []).append((each, each.id in missing, given))
    values = {
        "draft": draft, "pack": pack, "link": link,
        "groups": [(here.vocabulary.dimensions[name], rows) for name, rows in groups.items()],
    }  # fmt: skip
    return WorkPage("ask-supplier.html", "/bring", values)


def _askable() -> list[Indicator]:
    return [
        each for each in workspace().vocabulary.indicators.values()
        if part_of(each.id) in _PARTS and not each.personal_data and each.id not in _KEYS
    ]  # fmt: skip


# --- the supplier's side ----------------------------------------------------------------------------------------------


@open_page("/supplier/<token>")
def supplier_form(who: Colleague, token: str) -> WorkPage | Response:
    asked = _of_link(token)
    if request.args.get("format") == "json":
        return download(strict_json.dumps(part_request(asked)) + b"\n", "request.json", "application/json")
    return _supplier_page(asked, ())


@open_page("/supplier/<token>", "POST")
def supplier_answer(who: Colleague, token: str) -> WorkPage:
    """Keep the answer. What cannot be placed is said at its field, and nothing is kept."""
    here, asked = workspace(), _of_link(token)
    if (file := request.files.get("signed")) is not None:
        return _signed_answer(asked, file.read(MAX_LENGTH + 1))
    indicators = [here.vocabulary.indicators[name] for name in asked.indicators]
    person = field_of("person", 200)
    before = _answered(asked)
    typed = typed_values(before, indicators, request.form)
    record = _with(before, typed.values)
    if typed.faults or not person or not (record.model or record.batch or record.pack):
        return _supplier_page(asked, typed.faults, request.form.to_dict(), unnamed=not person)
    answer = {"model": record.model, "batch": record.batch, "pack": record.pack}
    text = json.dumps({part: dict(values) for part, values in answer.items() if values}, ensure_ascii=False)
    here.suppliers.answer(asked, person, text, at=here.now())
    return _supplier_page(_of_link(token), (), thanks=True)


def _signed_answer(asked: SupplierRequest, body: bytes) -> WorkPage:
    here, at = workspace(), workspace().now()
    try:
        answer = signed_answer(asked, text_of(body), at)
    except StoreFailure:
        raise
    except PassportError as error:
        return _supplier_page(asked, (), refusal=error)
    if answer.faults:
        return _supplier_page(asked, answer.faults)
    text = json.dumps(answer.parts, ensure_ascii=False)
    here.suppliers.answer(asked, asked.supplier, text, at=at, signature=answer.signature)
    return _supplier_page(_request(asked.id), (), thanks=True)


def _supplier_page(
    asked: SupplierRequest, faults: tuple[Fault, ...], typed: dict[str, str] | None = None, *, thanks: bool = False,
    unnamed: bool = False, refusal: PassportError | None = None,
) -> WorkPage:  # fmt: skip
    here, language = workspace(), colleague().language
    record = _answered(asked)
    rows = [
        {
            "indicator": indicator, "form": form_of(indicator, record.value(indicator.id)), "place": None, "asked": [],
            "faults": [fault for fault in faults if fault.indicator == indicator.id], "missing": False,
        }
        for indicator in (here.vocabulary.indicators[name] for name in asked.indicators)
    ]  # fmt: skip
    values = {
        "asked": asked, "rows": rows, "typed": typed or {}, "thanks": thanks, "unnamed": unnamed, "times": [],
        "faults": [row for row in rows if row["faults"]], "signer": signer_of(asked, language),
        "refusal": refusal and (error_text(refusal), error_hint(refusal)),
    }  # fmt: skip
    return WorkPage("supplier.html", "", values, 400 if faults or unnamed or refusal else 200)


def _answered(asked: SupplierRequest) -> Record:
    """What the supplier answered so far, as a partial record."""
    parts = json.loads(asked.answer) if asked.answer else {}
    return Record(
        None, parts.get("model", {}), parts.get("pack", {}), batch=parts.get("batch", {}), file=asked.supplier
    )


def _with(record: Record, values: Any) -> Record:
    for name, value in values.items():
        part = part_of(name)
        before = {"model": record.model, "batch": record.batch}.get(part, record.pack)
        kept = {key: each for key, each in before.items() if key != name} | ({} if value is None else {name: value})
        if part == "model":
            record = replace(record, model=kept)
        else:
            record = replace(record, batch=kept) if part == "batch" else replace(record, pack=kept)
    return record


def _of_link(token: str) -> SupplierRequest:
    asked = workspace().suppliers.of_link(token, at=workspace().now())
    if asked is None:
        raise NotFound
    return asked


# --- taking in --------------------------------------------------------------------------------------------------------


@page("/suppliers/<id_>")
def supplier_request(who: Colleague, id_: str) -> WorkPage:
    """The answer beside what is there already."""
    here, asked = workspace(), _request(id_)
    draft = draft_or_404(asked.draft)
    judged = judged_draft(draft)
    own = judged.packs[asked.pack].record if asked.pack < len(judged.packs) else None
    answer = _answered(asked)
    rows = []
    for name in asked.indicators:
        indicator = here.vocabulary.indicators[name]
        theirs, ours = answer.value(name), own.value(name) if own is not None else None
        said = [said_value(indicator, value, who.language) if value is not None else [] for value in (ours, theirs)]
        rows.append((indicator, said[0], said[1], theirs is not None and ours is not None and said[0] != said[1]))
    values = {"asked": asked, "draft": draft, "rows": rows, "signer": signer_of(asked, who.language)}
    return WorkPage("supplier-request.html", "/suppliers", values)


@page("/suppliers/<id_>/signed")
def supplier_signed(who: Colleague, id_: str) -> Response:
    """What the supplier signed, as it came."""
    signature = workspace().suppliers.signature(_request(id_))
    if signature is None:
        raise NotFound
    return download(signature.text.encode() + b"\n", f"{id_}.jws", "application/jose")


@step("/suppliers/<id_>", WorkRole.ENTER)
def take_in(who: Colleague, id_: str) -> Response:
    """Take an answer into the draft, or close the link."""
    here, at, asked = workspace(), workspace().now(), _request(id_)
    deed = field_of("step", 10, required=True)
    if deed == "close":
        here.suppliers.close(asked, "closed", at=at, by=who.id)
        return to("/suppliers", "supplier-closed")
    if deed != "take" or asked.state != "answered":
        raise NotFound
    draft = draft_or_404(asked.draft)
    judged = judged_draft(draft)
    record = judged.packs[asked.pack].record if asked.pack < len(judged.packs) else None
    if record is None:
        raise MalformedDocument(Message("the pack of the request is not in the draft any more"))
    ending = SIGNED_ENDING if here.suppliers.signature(asked) is not None else ".json"
    part = DraftFile(f"{asked.supplier}{ending}", _part(asked, record), asked.supplier)
    here.drafts.add_files(draft, [part], at=at, by=who.id)
    here.suppliers.close(asked, "taken", at=at, by=who.id)
    return to(f"/bring/{draft.id}", "supplier-taken")


def _part(asked: SupplierRequest, record: Record) -> bytes:
    """The answer as a partial record, named by the model and the pack that it is about."""
    answer = json.loads(asked.answer or "{}")
    model = {"batteryModelIdentifier": record.model.get("batteryModelIdentifier"), **answer.get("model", {})}
    part: dict[str, Any] = {"model": model}
    if answer.get("pack") or answer.get("batch"):
        keys = ("packTractionBatteryCode", "serialNumber")
        part["pack"] = {name: record.pack[name] for name in keys if name in record.pack} | answer.get("pack", {})
    if answer.get("batch"):
        part["batch"] = answer["batch"]
        if record.batch_identifier is not None:
            part["batch"] = {"identifier": record.batch_identifier, **part["batch"]}
    return json.dumps(part, ensure_ascii=False).encode()


def _request(id_: str) -> SupplierRequest:
    asked = workspace().suppliers.get(id_)
    if asked is None:
        raise NotFound
    return asked
