"""The life of one pack so far, as far as this reader may see it: what happened, when, and who signed that.

Nothing here is computed: each entry is a date in a signed credential of the view, or an event credential. Events that
the view does not hold are missing from the list, and the list does not claim to be complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from markupsafe import Markup

from passport.presenting.presenter import PassportView
from passport.reports.isolation import isolated
from passport.vocabulary.credential_types import CONDITION, EVENT, PASSPORT, RECORDED_AT, STATUS_CHANGED_AT
from passport.vocabulary.vocabulary import Datatype, Vocabulary
from resolver.page import formatting as f
from resolver.page.wording import Words


@dataclass(frozen=True)
class Happening:
    """:ivar change: True for a change of the battery's status, which has a filled mark."""

    when: datetime
    shown: Markup
    what: Markup
    detail: Markup
    signed: Markup
    change: bool = False


def life(
    view: PassportView, vocabulary: Vocabulary, words: Words, *, signer: Callable[[Mapping[str, Any]], str | None]
) -> tuple[Happening, ...]:
    """The entries, oldest first; empty where there is nothing but the day it was made.

    :param signer: the name of who signed a credential whose proof verified, else None.
    """
    happenings: list[Happening] = []

    def add(document: Mapping[str, Any], value: Any, what: object, detail: object = "", change: bool = False) -> None:
        when = _moment(value)
        name = signer(document)
        if when is None or name is None:
            return
        at, day_only = when
        shown = f.time_element(at.date() if day_only else at, words.language)
        happenings.append(Happening(at, shown, isolated(what), isolated(detail), words("tl-signed", who=name), change))

    passport, condition = view.credential(PASSPORT), view.credential(CONDITION)
    events = [document for document in view.credentials if EVENT in document["type"]]
    if passport is not None:
        claims = passport["credentialSubject"]
        place = view.claims.get("manufacturingPlace")
        place = place.get("addressLocality", "") if isinstance(place, dict) else ""
        add(passport, claims.get("manufacturingDate"), words("tl-made"), place)
    if condition is not None:
        _of_condition(condition, vocabulary, words, add)
    codes = vocabulary.enumerations.get("lifecycleEvent")
    for document in events:
        claims = document["credentialSubject"]
        code = codes.get(claims.get("lifecycleEvent")) if codes else None
        name = words.say(code.label) if code else str(claims.get("lifecycleEvent", ""))
        add(document, _date_of(claims, vocabulary) or document.get("validFrom"), name)
    return tuple(sorted(happenings, key=lambda entry: entry.when)) if len(happenings) > 1 else ()


def _of_condition(document: Mapping[str, Any], vocabulary: Vocabulary, words: Words, add: Callable[..., Any]) -> None:
    claims = document["credentialSubject"]
    add(document, claims.get("puttingIntoServiceDate"), words("tl-service"))
    status = vocabulary.indicators["batteryStatus"].enumeration
    if "batteryStatus" in claims:
        code = status.get(claims["batteryStatus"]) if status else None
        name = words.say(code.label) if code else str(claims["batteryStatus"])
        add(document, claims.get(STATUS_CHANGED_AT), words("tl-status", status=name), change=True)
    for id_ in ("negativeEvents", "accidentInformation"):
        for entry in claims.get(id_, ()) if isinstance(claims.get(id_), list) else ():
            text = str(entry.get("description", ""))
            add(document, entry.get("occurredAt"), words(f"tl-{id_}"), f.text(text, words.language))
    soce, cycles = claims.get("stateOfCertifiedEnergy"), claims.get("numberOfFullCycles")
    parts = []
    if soce is not None:
        parts.append(words("tl-energy", value=words.percent(soce)))
    if cycles is not None:
        parts.append(words("tl-cycles", value=words.number(cycles)))
    add(document, claims.get(RECORDED_AT), words("tl-read"), words.comma.join(parts))


def _date_of(claims: Mapping[str, Any], vocabulary: Vocabulary) -> str | None:
    """The first date in an event's record: when it happened, where its credential says when it was signed."""
    for id_, value in claims.items():
        indicator = vocabulary.indicators.get(id_)
        entries: Sequence[Any] = value if isinstance(value, list) else [value]
        for field in indicator.fields if indicator else ():
            if field.datatype in (Datatype.DATE, Datatype.DATE_TIME):
                for entry in entries:
                    if isinstance(entry, dict) and field.term in entry:
                        return str(entry[field.term])
    return None


def _moment(value: Any) -> tuple[datetime, bool] | None:
    """An instant or a day, with whether it is only a day."""
    at = f.instant(value)
    if at is not None:
        return at, False
    try:
        return datetime.combine(date.fromisoformat(str(value)), time(0), UTC), True
    except ValueError:
        return None
