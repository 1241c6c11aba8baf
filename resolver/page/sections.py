"""The sections of the page: one for each dimension of the vocabulary, in its order.

The list of entries and their states follow from the ontology's audiences and the regimes' obligations
(:mod:`resolver.page.states`), never from the contents of the store. Entries without information today are folded away.
A fault, or a restriction that concerns the reader, is never folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from passport.validation.obligations import Wait
from passport.vocabulary.credential_types import CONDITION
from passport.vocabulary.vocabulary import Audience, Dimension, Indicator
from resolver.page import formatting as f
from resolver.page.context import AT_STAGE, PageContext
from resolver.page.entries import Entries
from resolver.page.life.lifecycle import Happening, life
from resolver.page.pictures.figures import figures
from resolver.page.states import EntryState, StateDecision, decide
from resolver.page.view_model import EntryRow, Fold, Group, PageSection
from resolver.page.wording import Words

Decided = Sequence[tuple[Indicator, StateDecision]]

#: From so many on, entries that say nothing today are folded away.
_FOLD_FROM = 3
_RESTRICTED_AS_A_WHOLE = ("dynamic", "traceability")


def sections(context: PageContext) -> tuple[PageSection, ...]:
    """All sections with something in them."""
    made = (_section(context, dimension) for dimension in context.here.vocabulary.dimensions.values())
    return tuple(section for section in made if section is not None)


def _section(context: PageContext, dimension: Dimension) -> PageSection | None:
    words = context.words
    decided = tuple(_decisions(context, dimension))
    live = [(i, d) for i, d in decided if d.state is not EntryState.NOT_APPLICABLE]
    if not live:
        return None
    title = context.section_name(dimension)
    # The ontology's other language, for readers who compare a page with a Chinese or an English document.
    other_language, other = next((name for name in dimension.in_text.items() if name[1] != title), ("", ""))
    if dimension.id in _RESTRICTED_AS_A_WHOLE and all(d.state is EntryState.RESTRICTED for _, d in live):
        intro = words(f"{dimension.id}-restricted", number=len(live))
        names = _groups(live, words, lambda indicator, _: words.say(indicator.label))
        return PageSection(dimension.id, title, other, other_language, intro=intro, names=names)
    idle = [(i, d) for i, d in decided if d.state is EntryState.NOT_APPLICABLE]
    waiting = [(i, d) for i, d in live if d.state is EntryState.NOT_YET_DUE]
    if len(waiting) < _FOLD_FROM:
        waiting = []
    folded = {i.id for i, _ in waiting}
    # A reader with a role came for what it opens; the public part folds.
    public = [
        (i, d)
        for i, d in live
        if context.asked.reader and Audience.PUBLIC in i.audiences and d.state is not EntryState.MISSING
        and i.id not in folded
    ]  # fmt: skip
    folded |= {i.id for i, _ in public}
    pictures = figures(context, dimension, {i.id for i, d in live if d.state is EntryState.VALUE})
    entries = Entries(context, {picture.tells for picture in pictures})
    folds = []
    for key, of in (("public-part", public), ("more-not-due", waiting), ("more-not-applicable", idle)):
        if of:
            folds.append(Fold(words(key, n=len(of)), _groups(of, words, entries.row)))
    shown = [(i, d) for i, d in live if i.id not in folded]
    beside_value = any(d.state is EntryState.VALUE and any(w.kind is Wait.ACT for w in d.waiting) for _, d in live)
    return PageSection(
        dimension.id, title, other, other_language,
        figures=pictures,
        groups=_groups(shown, words, entries.row),
        folds=tuple(folds),
        life=_life(context) if dimension.id == _life_in(context) else (),
        note=words("note-pending") if beside_value and len(context.shown) > 1 else None,
    )  # fmt: skip


def _decisions(context: PageContext, dimension: Dimension) -> Iterator[tuple[Indicator, StateDecision]]:
    """The listed entries of a section, each with its state."""
    for indicator in context.here.vocabulary.indicators.values():
        if indicator.dimension.id != dimension.id or indicator.personal_data:
            continue
        if not context.concerns(indicator):
            continue
        duties = tuple(
            (regime, context.duties(regime)[indicator.id])
            for regime in context.shown
            if indicator.id in context.duties(regime)
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


def _groups(
    decided: Decided, words: Words, row: Callable[[Indicator, StateDecision], EntryRow | str]
) -> tuple[Group, ...]:
    rows: dict[str, list[EntryRow | str]] = {}
    titles: dict[str, str] = {}
    for indicator, decision in decided:
        titles[indicator.category.id] = words.say(indicator.category.label)
        rows.setdefault(indicator.category.id, []).append(row(indicator, decision))
    only = len(rows) == 1
    return tuple(Group(None if only else titles[id_], tuple(entries)) for id_, entries in rows.items())


def _life_in(context: PageContext) -> str:
    """The section that tells the life of the pack: with its condition, else with the records of its life."""
    return "dynamic" if context.view.credential(CONDITION) else "traceability"


def _life(context: PageContext) -> tuple[Happening, ...]:
    """The life of the pack, where the reader may see more of it than the public."""
    if context.asked.reader is None or context.is_model:
        return ()
    trust_list = context.here.config.trust_list
    proved = {result.id: result.issuer for result in context.verification.credentials if result.check(2).passed}

    def signer(document: Mapping[str, Any]) -> str | None:
        did = proved.get(document["id"])
        issuer = trust_list.issuer(did) if did else None
        return issuer.named(context.words.language) if issuer else f.shortened(did) if did else None

    return life(context.view, context.here.vocabulary, context.words, signer=signer)
