"""The life line of a pack: its events in the order in which they happened, each as far as this reader may know it.

* An event that this reader may not read keeps its place: it is counted, and the page says between which of the others
  it was accepted. Its kind, time and actor are not told.
* Each event has its own mark: it verified, or something needs a look. Nothing is said of the chain as a whole without
  its exceptions.
* Custody, ownership, parts and masses follow from the whole history; who may not read all of it does not get them.
* An event that was corrected or withdrawn stays, and leads to the correction.
* A natural person is never named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from markupsafe import Markup

from passport.lifecycle import History, LifecycleEvent, PackState, Party, mass_balance
from passport.lifecycle.event import WITHDRAWN
from passport.lifecycle.event_catalogue import LifecycleCatalogue
from passport.reports.isolation import isolated
from passport.texts import Text
from passport.vocabulary.indicator import Datatype, Term
from passport.vocabulary.vocabulary import Vocabulary
from resolver.page import formatting as f
from resolver.page.macros import CELLS
from resolver.page.pictures.charts import Figure
from resolver.page.pictures.line_chart import ChartReading, over_time
from resolver.page.wording import Words

#: Fields that the line tells in a place of their own.
_TOLD = frozenset({"packCode", "batteryModel"})
_HEALTH = "assessedStateOfHealth"


@dataclass(frozen=True)
class SeenEvent:
    """One event of the chain, as it is told to a reader.

    :ivar position: in the chain of acceptance, from 1.
    :ivar event: None where the reader may not read it.
    :ivar actor: name of the actor, or its DID; :ivar roles: as accredited.
    :ivar accepted_at: instant of acceptance; :ivar late: whether a later event had been accepted before it.
    :ivar verified: whether signature and accreditation hold; None where that could not be determined.
    :ivar remark: why not, in a sentence.
    """

    position: int
    event: LifecycleEvent | None
    actor: str = ""
    roles: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    late: bool = False
    verified: bool | None = None
    remark: Text | None = None


@dataclass(frozen=True)
class LifeItem:
    """One stop of the line.

    :ivar kind: ``end`` (the passport ends with it), ``shut`` (not for this reader), ``withdrawn`` or empty.
    :ivar facts: what it reports, by name.
    """

    number: str
    anchor: str
    title: Markup
    kind: str = ""
    when: Markup = Markup()  # noqa: RUF009 - immutable
    by: Markup = Markup()  # noqa: RUF009 - immutable
    mark: Markup = Markup()  # noqa: RUF009 - immutable
    tone: str = ""
    reported: Markup = Markup()  # noqa: RUF009 - immutable
    text: Markup = Markup()  # noqa: RUF009 - immutable
    facts: tuple[tuple[str, Markup], ...] = ()


@dataclass(frozen=True)
class HandsRow:
    """In whose hands it was from a day on, and whose it was. ``rows`` is how many rows the owner's cell spans."""

    since: Markup
    holder: Markup
    owner: Markup | None
    rows: int = 1


@dataclass(frozen=True)
class PartsBranch:
    """A part and what is inside it, outermost first."""

    code: str
    kind: str
    inside: tuple[PartsBranch, ...] = ()


@dataclass(frozen=True)
class LifeLine:
    """What the template lays out.

    :ivar looks: sentences on events that need a look, each with a link to its event.
    :ivar hands, health, parts, masses: empty where the reader does not read the whole history.
    """

    headline: Markup
    tone: str
    looks: tuple[Markup, ...]
    items: tuple[LifeItem, ...]
    facts: tuple[tuple[Markup, Markup], ...]
    hands: tuple[HandsRow, ...] = ()
    health: Figure | None = None
    parts: tuple[PartsBranch, ...] = ()
    masses: tuple[tuple[str, str], ...] = ()


def life_line(
    seen: Sequence[SeenEvent],
    history: History | None,
    words: Words,
    vocabulary: Vocabulary,
    kinds: LifecycleCatalogue,
    names: Mapping[str, str],
    *,
    counted: bool = True,
) -> LifeLine:
    """The life line of one pack.

    :param seen: in the order of acceptance.
    :param history: where the reader reads every event, else None.
    :param counted: whether the reader may know how many events are shut; else numbers are those of what is shown.
    :param names: of actors by DID.
    """
    teller = _EventTeller(words, vocabulary, kinds, names)
    if not counted:
        seen = tuple(_uncounted(seen))
    items = tuple(teller.items(seen, history))
    looks = tuple(teller.looks(seen))
    shut = sum(each.event is None for each in seen)
    if looks:
        headline, tone = words("life-looks", n=len(looks), all=len(seen)), "warn"
    elif len(seen) == shut:
        headline, tone = words("life-none"), ""
    else:
        headline, tone = words("life-whole", n=len(seen) - shut), "good"
    if shut:
        looks = (*looks, words("life-shut-note", n=shut) if counted else words("life-gap-note"))
    return LifeLine(
        headline, tone, looks, items, teller.facts(seen, history),
        hands=tuple(teller.hands(history)) if history else (),
        health=teller.health(history) if history else None,
        parts=teller.parts(history.state) if history else (),
        masses=tuple(teller.masses(history)) if history else (),
    )  # fmt: skip


class _EventTeller:
    def __init__(
        self, words: Words, vocabulary: Vocabulary, kinds: LifecycleCatalogue, names: Mapping[str, str]
    ) -> None:
        self._words = words
        self._vocabulary = vocabulary
        self._kinds = kinds
        self._names = names

    # --- the line ---------------------------------------------------------------------------------------------------

    def items(self, seen: Sequence[SeenEvent], history: History | None) -> Iterator[LifeItem]:
        """The stops by event time; what is shut is placed where it was accepted."""
        ended = history.state.ended_by if history else None
        corrections = {
            each.event.corrects: each for each in seen if each.event is not None and each.event.corrects is not None
        }
        numbers = {each.event.id: each.position for each in seen if each.event is not None}
        shut: list[SeenEvent] = []
        for each in _in_time(seen):
            if each.event is None:
                shut.append(each)
                continue
            if shut:
                yield self._shut(shut)
                shut = []
            correction = corrections.get(each.event.id)
            item = self._item(each, each.event, ends=self._ends(each.event, ended) and not _withdraws(correction))
            about = [*self._corrected(correction), *self._corrects(each.event, numbers)]
            kind = "withdrawn" if _withdraws(correction) else item.kind
            yield replace(item, kind=kind, facts=(*about, *item.facts))
        if shut:
            yield self._shut(shut)

    def _corrected(self, correction: SeenEvent | None) -> Iterator[tuple[str, Markup]]:
        """The newest correction of an event."""
        if correction is not None:
            key = "life-withdrawn-by" if _withdraws(correction) else "life-corrected-by"
            yield str(self._words(key)), self._stop(correction.position)

    def _corrects(self, event: LifecycleEvent, numbers: Mapping[str, int]) -> Iterator[tuple[str, Markup]]:
        if event.corrects is not None:
            number = numbers.get(event.corrects)
            shown = isolated(f.shortened(event.corrects)) if number is None else self._stop(number)
            yield str(self._words("life-corrects")), shown

    @staticmethod
    def _stop(number: int) -> Markup:
        return Markup('<a href="#e{0}">{0}</a>').format(number)

    def _ends(self, event: LifecycleEvent, ended: str | None) -> bool:
        kind = self._kinds.kinds.get(event.kind)
        return event.id == ended or (kind is not None and kind.ends == "always")

    def _shut(self, shut: Sequence[SeenEvent]) -> LifeItem:
        first, words = shut[0].position, self._words
        if not first:
            return LifeItem("…", "", words("life-gap"), "shut", text=words("life-gap-text"))
        return LifeItem(
            str(first) if len(shut) == 1 else "…",
            f"e{first}",
            words("life-shut", n=len(shut)),
            "shut",
            text=words("life-shut-text", n=len(shut)),
        )

    def _item(self, each: SeenEvent, event: LifecycleEvent, *, ends: bool) -> LifeItem:
        words = self._words
        mark, tone = self._mark(each)
        roles = words.pause.join(self._role(role) for role in each.roles)
        return LifeItem(
            number=str(each.position),
            anchor=f"e{each.position}",
            title=isolated(self._kind(event)),
            kind="end" if ends else "",
            when=words.comma.join(filter(None, (f.time_element(event.instant, words.language), self._place(event)))),
            by=words("life-by", actor=each.actor, roles=roles) if roles else isolated(each.actor),
            mark=mark,
            tone=tone,
            reported=self._reported(each),
            facts=tuple(self._facts(event)),
        )

    def _mark(self, each: SeenEvent) -> tuple[Markup, str]:
        words = self._words
        if each.verified:
            return words("life-verified"), "good"
        remark = words.say(each.remark) if each.remark is not None else ""
        if each.verified is None:
            return words("life-open", remark=remark), "warn"
        return words("life-failed", remark=remark), "bad"

    def _reported(self, each: SeenEvent) -> Markup:
        if each.accepted_at is None:
            return isolated("")
        when = f.time_element(each.accepted_at.date(), self._words.language)
        return self._words("life-reported-late" if each.late else "life-reported", date=when)

    def looks(self, seen: Sequence[SeenEvent]) -> Iterator[Markup]:
        """What needs a look, event by event."""
        for each in seen:
            if each.event is None:
                continue
            if not each.verified:
                mark, _ = self._mark(each)
                yield self._words("life-look", anchor=f"e{each.position}", number=each.position, what=mark)
            elif each.late:
                yield self._words("life-look-late", anchor=f"e{each.position}", number=each.position)

    # --- one event --------------------------------------------------------------------------------------------------

    def _kind(self, event: LifecycleEvent) -> str:
        kind = self._kinds.kinds.get(event.kind)
        return self._words.say(kind.label) if kind else event.kind

    def _role(self, code: str) -> str:
        return self._kinds.roles.in_text(code, self._words.language)

    def _place(self, event: LifecycleEvent) -> str:
        place = event.place
        if place is None:
            return ""
        parts = [part for part in (place.locality, place.province or place.country) if part]
        return str(self._words.comma).join(parts)

    def _facts(self, event: LifecycleEvent) -> Iterator[tuple[str, Markup]]:
        words = self._words
        if event.counterpart is not None:
            yield str(words("life-counterpart")), isolated(self._name(event.counterpart))
        if event.vehicle:
            yield str(words("life-vehicle")), words("life-vehicle-hash", hash=event.vehicle[0].value[:9])
        for out, key in ((True, "life-parts-out"), (False, "life-parts-in")):
            codes = [part.code for part in event.parts if part.out is out]
            if codes:
                yield str(words(key)), self._codes(codes)
        for name, value in event.fields.items():
            term = self._vocabulary.terms.get(name)
            if term is not None and name not in _TOLD:
                yield words.say(term.label), self._value(term, value)

    def _codes(self, codes: Sequence[str]) -> Markup:
        if len(codes) > 3:
            return self._words("life-parts-count", n=len(codes))
        return self._words.pause.join(CELLS.code(code) for code in codes)

    def _value(self, term: Term, value: object) -> Markup:
        language = self._words.language
        if isinstance(value, tuple | list):
            return self._words.pause.join(self._value(term, item) for item in value)
        if isinstance(value, bool):
            return self._words("yes" if value else "no")
        if term.enumeration is not None:
            return isolated(term.enumeration.in_text(str(value), language))
        if term.datatype in (Datatype.DECIMAL, Datatype.INTEGER):
            return f.quantity(f"{value:f}" if isinstance(value, Decimal) else value, term.unit, language)
        if isinstance(value, datetime):
            return f.time_element(value, language)
        if term.datatype is Datatype.DATE:
            return f.date_value(str(value), language)
        if term.datatype is Datatype.ANY_URI:
            return f.link(str(value))
        return f.text(value, language)

    def _name(self, did: str) -> str:
        return self._names.get(did) or f.shortened(did)

    # --- the whole history ------------------------------------------------------------------------------------------

    def facts(self, seen: Sequence[SeenEvent], history: History | None) -> tuple[tuple[Markup, Markup], ...]:
        """What the head of the page tells."""
        words = self._words
        readable = [each.event for each in seen if each.event is not None]
        if not readable:
            return ()
        first, last = min(e.instant for e in readable).year, max(e.instant for e in readable).year
        facts = [(words("life-lived"), isolated(str(first) if first == last else f"{first} – {last}"))]
        facts.append((words("life-hands"), words("life-actors", n=len({event.actor for event in readable}))))
        if history is not None and history.state.label:
            facts.append(
                (words("life-state"), isolated(self._kinds.states.in_text(history.state.label, words.language)))
            )
        if history is not None and (measured := _measured(history)):
            facts.append((words("life-health-last"), isolated(words.percent(measured[-1][1]))))
        return tuple(facts)

    def hands(self, history: History) -> Iterator[HandsRow]:
        """A row for each change of custody or ownership; the owner's cell spans the rows in which it stays."""
        changes: list[tuple[datetime, Party | None, Party | None]] = []
        for event, state in history.states():
            if not changes or changes[-1][1:] != (state.holder, state.owner):
                changes.append((event.instant, state.holder, state.owner))
        at = 0
        while at < len(changes):
            owner = changes[at][2]
            end = at
            while end < len(changes) and changes[end][2] == owner:
                end += 1
            for row in range(at, end):
                since = f.time_element(changes[row][0].date(), self._words.language)
                spans = self._party(owner) if row == at else None
                yield HandsRow(since, self._party(changes[row][1]), spans, end - at if row == at else 1)
            at = end

    def health(self, history: History) -> Figure | None:
        """The states of health that the actors measured, where there are at least two of different times."""
        words = self._words
        measured = _measured(history)
        return over_time(
            [
                ChartReading(event.instant, value, (self._kind(event), words.percent(value)))
                for event, value in measured
            ],
            words,
            title=words("life-health-title"),
            note=words("life-health-note", number=len(measured)),
            shown=words.percent,
            headings=tuple(str(words(key)) for key in ("chart-read-on", "life-health-event", "life-health")),
        )

    def _party(self, party: Party | None) -> Markup:
        if party is None:
            return isolated("—")
        if party.did is None:
            return self._words("life-person")
        return isolated(self._name(party.did))

    def parts(self, state: PackState) -> tuple[PartsBranch, ...]:
        """The tree of parts that are in the pack now."""
        inside: dict[str, list[str]] = {}
        for code, around in state.parts.around.items():
            inside.setdefault(around, []).append(code)

        root = state.parts.root
        if root is None or not len(state.parts):
            return ()
        return (self._branch(root, inside),)

    def _branch(self, code: str, inside: Mapping[str, Sequence[str]]) -> PartsBranch:
        kind = self._vocabulary.enumerations["codedObject"].in_text(code[3:4], self._words.language)
        return PartsBranch(code, kind, tuple(self._branch(part, inside) for part in sorted(inside.get(code, ()))))

    def masses(self, history: History) -> Iterator[tuple[str, str]]:
        """The balance in kg; what is not accounted for is said, 0 as well."""
        balance, words = mass_balance(history), self._words
        kilograms = self._vocabulary.units["kg"]

        def row(name: str, mass: Decimal) -> tuple[str, str]:
            return name, f.plain_quantity(f"{mass:f}", kilograms, words.language)

        if balance.produced is not None:
            yield row(str(words("life-mass-made")), balance.produced)
        if balance.weighed is not None:
            yield row(str(words("life-mass-weighed")), balance.weighed)
        for pack, mass in balance.successors.items():
            yield row(str(words("life-mass-successor", pack=pack.rsplit("/", 1)[-1])), mass)
        if balance.recycled is not None:
            yield row(str(words("life-mass-recycled")), balance.recycled)
        for name, mass in balance.outputs.items():
            term = self._vocabulary.terms.get(name)
            yield row(words.say(term.label) if term else name, mass)
        if balance.unaccounted is not None:
            yield row(str(words("life-mass-open")), balance.unaccounted)


def _withdraws(correction: SeenEvent | None) -> bool:
    return correction is not None and correction.event is not None and correction.event.flag(WITHDRAWN)


def _measured(history: History) -> list[tuple[LifecycleEvent, Decimal]]:
    """The states of health that events report, by event time, with corrections applied."""
    measured = ((event, event.number(_HEALTH)) for event in history.timeline)
    return [(event, value) for event, value in measured if value is not None]


def _uncounted(seen: Sequence[SeenEvent]) -> Iterator[SeenEvent]:
    """What is shown, numbered by itself; one stop without a number for each gap."""
    number, open_gap = 0, False
    for each in seen:
        if each.event is not None:
            number += 1
            yield replace(each, position=number)
        elif not open_gap:
            yield replace(each, position=0)
        open_gap = each.event is None


def _in_time(seen: Sequence[SeenEvent]) -> list[SeenEvent]:
    """By event time; an event that is shut keeps its place after its predecessor by acceptance."""
    placed: list[tuple[datetime | None, int, SeenEvent]] = []
    before: datetime | None = None
    for order, each in enumerate(seen):
        at = each.event.instant if each.event is not None else before
        placed.append((at, order, each))
        if each.event is not None:
            before = at
    return [
        each
        for _, _, each in sorted(
            placed, key=lambda item: ((0, 0.0) if item[0] is None else (1, item[0].timestamp()), item[1])
        )
    ]
