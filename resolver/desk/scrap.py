"""The counter page: may this vehicle be scrapped? One of three answers, with reasons and what to do."""

from __future__ import annotations

import re

from flask import request

from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.errors import MalformedIdentifier
from passport.oversight.scrap_query import is_dismantler, scrap_answer
from passport.supervision.scrapping import ScrapAnswer, ScrapCheck, ScrapOutcome
from passport.texts import Message, error_text, say
from resolver.desk.alert import vehicle_name
from resolver.desk.frame import ROOT, DeskPage, Visitor, own_route
from resolver.desk.vehicles import typed_hashes
from resolver.views import services

PATH = f"{ROOT}/scrap"
_MOST_CODES = 12
_MARKS = {ScrapOutcome.YES: "ok", ScrapOutcome.NO: "no", ScrapOutcome.UNKNOWN: "qm"}


def may_ask(visitor: Visitor) -> bool:
    """An authority that sees all, or an actor that is accredited to dismantle."""
    if visitor.is_authority:
        return visitor.sees_all
    return is_dismantler(services().store, visitor.reader.holder, int(visitor.at.timestamp()))


@own_route(PATH, may_ask)
def desk_scrap(visitor: Visitor) -> DeskPage:
    """The form, and the answer where a vehicle was asked for. The VIN comes by POST alone."""
    try:
        codes = _codes()
        hashes = typed_hashes()
    except MalformedIdentifier as error:
        return _page(visitor, fault=say(error_text(error), visitor.language))
    if hashes is None:
        return _page(visitor)
    if not codes and not request.form.get("none"):
        return _page(visitor, fault=say(Message("Type the codes that were found, or say that there was no pack."),
                                        visitor.language))  # fmt: skip
    if not hashes:
        return _page(visitor, outcome=ScrapOutcome.UNKNOWN, no_key=True)
    answer, record = scrap_answer(services().store, hashes, codes)
    return _page(
        visitor,
        outcome=answer.outcome,
        answer=answer,
        vehicle=vehicle_name(hashes[0]) if visitor.is_authority else None,
        checks=[(check.value, _MARKS[outcome], outcome.value) for check, outcome in answer.checks.items()],
        reason=_reason(answer),
        recorded=[_marked(code, answer.strange) for code in record.packs if code],
        found=[_marked(code, tuple(filter(None, answer.missing))) for code in codes],
        nothing_found=not codes,
    )


def _page(
    visitor: Visitor, *, outcome: ScrapOutcome | None = None, fault: str | None = None, **values: object
) -> DeskPage:
    return DeskPage(
        "scrap",
        PATH,
        {"outcome": outcome and outcome.value, "fault": fault, **values},
        elements=(outcome.value,) if outcome else (),
        status=400 if fault else 200,
    )


def _codes() -> tuple[str, ...]:
    """The codes typed, apart by commas, semicolons or line ends; blanks within a code do not matter.

    :raises MalformedIdentifier: one is no code, or there are too many.
    """
    texts = [text for text in re.split(r"[,;，、；\n]", request.form.get("codes", "")[:1000]) if text.strip()]
    if len(texts) > _MOST_CODES:
        raise MalformedIdentifier(Message("too many codes"), expected=Message("at most {count}", count=_MOST_CODES))
    return tuple(dict.fromkeys(str(TractionBatteryCode.parse(text, lenient=True)) for text in texts))


def _reason(answer: ScrapAnswer) -> str:
    """The check that decided, as the key of its sentence."""
    order = (
        ScrapCheck.NOT_SCRAPPED, ScrapCheck.NOT_STOPPED, ScrapCheck.PACKS_OF_VEHICLE, ScrapCheck.NOT_ELSEWHERE,
        ScrapCheck.VEHICLE_KNOWN, ScrapCheck.PACKS_KNOWN,
    )  # fmt: skip
    for check in order:
        if answer.outcome is not ScrapOutcome.YES and answer.checks[check] is answer.outcome:
            return check.value
    return "all"


def _marked(code: str, others: tuple[str, ...]) -> list[tuple[str, bool]]:
    """A code in runs, those that differ from the nearest of other codes marked."""
    if code == "" or not others:
        return [(code, False)]
    other = min(others, key=lambda each: sum(a != b for a, b in zip(code, each, strict=False)))
    if sum(a != b for a, b in zip(code, other, strict=False)) > len(code) // 2:
        return [(code, False)]
    runs: list[tuple[str, bool]] = []
    for place, character in enumerate(code):
        differs = place >= len(other) or other[place] != character
        if runs and runs[-1][1] == differs:
            runs[-1] = (runs[-1][0] + character, differs)
        else:
            runs.append((character, differs))
    return runs
