"""The sections of the page: one for each dimension of the vocabulary, in its order.

The list of entries and their states follow from the ontology's audiences and the regimes' obligations
(:mod:`resolver.page.indicators.states`), never from the contents of the store. Values have a row each. Entries without
a value today take one line a section: how many, and who may read them or when they are asked for; a fault is never
folded.
What is not asked of this kind of battery is counted in the block of the inspector.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from markupsafe import Markup

from passport.presenting.standing import StandingKind
from passport.validation.obligations import Wait
from passport.vocabulary.credential_types import CONDITION, RECORDED_AT
from passport.vocabulary.vocabulary import Audience, Dimension, Indicator
from resolver.page import formatting as f
from resolver.page.context import AT_STAGE, PageContext
from resolver.page.indicators.attested import named_marks
from resolver.page.indicators.combined import combined
from resolver.page.indicators.entries import Entries
from resolver.page.indicators.states import EntryState, StateDecision, decide
from resolver.page.pictures.charts import Figure
from resolver.page.pictures.figures import figures
from resolver.page.view_model import ClosedSection, EntryRow, NamesFold, PageFigure, PageSection

Decided = Sequence[tuple[Indicator, StateDecision]]

_RESTRICTED_AS_A_WHOLE = ("dynamic", "traceability")


def sections(context: PageContext) -> tuple[PageSection, ...]:
    """All sections with something in them that this reader may read."""
    made, noted = [], False
    for dimension in context.here.vocabulary.dimensions.values():
        section = _section(context, dimension)
        if section is None:
            continue
        # Said once, where the first of them is.
        made.append(replace(section, note=None) if noted else section)
        noted = noted or section.note is not None
    return tuple(made)


def closed_sections(context: PageContext) -> tuple[ClosedSection, ...]:
    """The dimensions of which this reader may read nothing, whether or not there is anything."""
    entries, made = Entries(context), []
    for dimension in context.here.vocabulary.dimensions.values():
        live = _live(context, dimension)
        if live and _is_closed(dimension, live):
            intro = context.words(f"{dimension.id}-restricted", number=len(live))
            names = tuple(entries.named(indicator) for indicator, _ in live)
            made.append(ClosedSection(dimension.id, context.section_name(dimension), intro, names))
    return tuple(made)


def not_asked(context: PageContext) -> int:
    """How many entries the rules do not ask of this kind of battery."""
    return sum(
        decision.state is EntryState.NOT_APPLICABLE
        for dimension in context.here.vocabulary.dimensions.values()
        for _, decision in decisions(context, dimension)
    )


def listed(context: PageContext) -> frozenset[str]:
    """The ids of the entries that the page lists, with a value or behind a line."""
    dimensions = context.here.vocabulary.dimensions.values()
    return frozenset(indicator.id for dimension in dimensions for indicator, _ in _live(context, dimension))


def _live(context: PageContext, dimension: Dimension) -> Decided:
    return [(i, d) for i, d in decisions(context, dimension) if d.state is not EntryState.NOT_APPLICABLE]


def _is_closed(dimension: Dimension, live: Decided) -> bool:
    return dimension.id in _RESTRICTED_AS_A_WHOLE and all(d.state is EntryState.RESTRICTED for _, d in live)


def _section(context: PageContext, dimension: Dimension) -> PageSection | None:
    words, entries = context.words, Entries(context)
    live = _live(context, dimension)
    if not live or _is_closed(dimension, live):
        return None
    title = context.section_name(dimension)
    # The ontology's other language, for readers who compare a page with a Chinese or an English document.
    other_language, other = next((name for name in dimension.in_text.items() if name[1] != title), ("", ""))
    shown = [(i, d) for i, d in live if d.state in (EntryState.VALUE, EntryState.MISSING)]
    pictures = figures(context, dimension, {i.id for i, d in shown if d.state is EntryState.VALUE})
    told = {id_ for picture in pictures for id_ in picture.tells}
    rows = {indicator.id: entries.row(indicator, decision) for indicator, decision in shown}
    # A reader with a role came for what it opens; the public part folds.
    public = {
        i.id for i, d in shown
        if context.asked.reader and Audience.PUBLIC in i.audiences and d.state is not EntryState.MISSING
    }  # fmt: skip
    beside_value = any(any(w.kind is Wait.ACT for w in d.waiting) for _, d in shown)
    return PageSection(
        dimension.id, title, other, other_language,
        figures=tuple(
            _figure(context, picture, [rows[id_] for id_ in picture.tells if id_ in rows]) for picture in pictures
        ),
        rows=combined(context, [row for id_, row in rows.items() if id_ not in told | public]),
        public=combined(context, [row for id_, row in rows.items() if id_ in public - told]),
        folds=tuple(_folds(context, entries, live)),
        note=words("note-pending") if beside_value and len(context.shown) > 1 else None,
        reading=_reading(context) if dimension.id == "dynamic" else None,
    )  # fmt: skip


def _figure(context: PageContext, picture: Figure, told: Sequence[EntryRow]) -> PageFigure:
    """A picture with its entries, whose marks are also below the picture: its table is folded away."""
    return PageFigure(picture, tuple(replace(row, extra=None) for row in told), named_marks(told, context.words))


def _reading(context: PageContext) -> Markup | None:
    """When the values of a read-out were read."""
    condition = context.view.credential(CONDITION)
    at = f.instant(condition["credentialSubject"].get(RECORDED_AT)) if condition else None
    if at is None:
        return None
    newest = not any(standing.kind is StandingKind.SUPERSEDED for standing in context.standings)
    return context.words("section-read" if newest else "section-read-old", at=f.moment(at, context.words.language))


def _folds(context: PageContext, entries: Entries, live: Decided) -> Iterator[NamesFold]:
    """What is restricted, then what is not yet due: a line each."""
    words = context.words
    restricted: dict[Markup, list[EntryRow]] = {}
    waiting: dict[Markup, list[EntryRow]] = {}
    for indicator, decision in live:
        if decision.state is EntryState.RESTRICTED:
            restricted.setdefault(entries.who(indicator), []).append(entries.named(indicator))
        elif decision.state is EntryState.NOT_YET_DUE:
            reasons = words.comma.join(entries.reason(each) for each in decision.waiting)
            waiting.setdefault(reasons, []).append(entries.named(indicator))
    for kind, groups in (("restricted", restricted), ("waiting", waiting)):
        if groups:
            count = sum(len(rows) for rows in groups.values())
            yield NamesFold(
                kind, words(f"fold-{kind}", n=count), _about(context, kind, list(groups), live),
                tuple((about, tuple(rows)) for about, rows in groups.items()),
            )  # fmt: skip


def _about(context: PageContext, kind: str, groups: list[Markup], live: Decided) -> Markup:
    """Who may read them, in the fewest words; or what they wait for."""
    words = context.words
    if kind == "waiting":
        return words.clauses(groups[:2]) if len(groups) < 3 else words("several-reasons")
    wide = context.here.config.access_policy == "article-77"
    audiences = {
        audience
        for indicator, decision in live
        if decision.state is EntryState.RESTRICTED
        for audience in (indicator.audiences_art77 if wide else indicator.audiences)
    }
    legitimate = Audience.LEGITIMATE_INTEREST
    named = [context.in_text("audience", legitimate)] if legitimate in audiences else []
    if audiences - {legitimate, Audience.PUBLIC}:
        named.append(str(words("authorities")))
    return words.pause.join(named)


def decisions(context: PageContext, dimension: Dimension) -> Decided:
    """The entries of a section that are listed or counted, each with its state."""
    if not context.decided:
        # All at once: every part of the page asks for some of them.
        for indicator, decision in _decided(context):
            context.decided.setdefault(indicator.dimension.id, []).append((indicator, decision))
    return context.decided.get(dimension.id, ())


def _decided(context: PageContext) -> Iterator[tuple[Indicator, StateDecision]]:
    by_regime = [(regime, context.duties(regime)) for regime in context.shown]
    for indicator in context.here.vocabulary.indicators.values():
        if indicator.personal_data or not context.concerns(indicator):
            continue
        duties = tuple(
            (regime, obligations[indicator.id]) for regime, obligations in by_regime if indicator.id in obligations
        )
        decision = decide(
            duties,
            present=indicator.id in context.claims,
            readable=indicator.id in context.readable,
            on=context.duty_day,
            at_stage=AT_STAGE,
            alone=len(context.shown) == 1,
        )
        if decision is None:
            continue
        if decision.state is EntryState.VALUE and not duties and len(context.shown) < len(context.applicable):
            continue  # under the rules of one side: what only the other side knows is left out
        yield indicator, decision
