"""The life of a pack so far as everybody may know it: made, issued, and where more is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from passport.reports.isolation import isolated
from passport.vocabulary.credential_types import PASSPORT
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.heads import header
from resolver.page.life.lifecycle import Happening, life
from resolver.page.macros import CELLS
from resolver.page.view_model import LifeStop


def life_stops(context: PageContext, life_href: str | None) -> tuple[LifeStop, ...]:
    """The stops in order of time; none for a model or batch.

    :param life_href: the page of the pack's events.
    """
    return () if context.is_model else tuple(_stops(context, life_href))


def _stops(context: PageContext, life_href: str | None) -> Iterator[LifeStop]:
    words = context.words
    made = context.claims.get("manufacturingDate")
    if made is not None:
        place = context.claims.get("manufacturingPlace")
        where = [
            f.text(str(place[term]), words.language)
            for term in ("addressLocality", "addressCountry")
            if isinstance(place, dict) and place.get(term)
        ]
        when = words.comma.join([f.date_value(made, words.language), *where])
        maker = header.maker_name(context)
        yield LifeStop(words("tl-made"), (when, *((isolated(maker),) if maker else ())))
    issued = context.here.store.history(context.view.subject, PASSPORT)
    if issued:
        dates = [f.time_element(issued[0].issued_at.date(), words.language)]
        if len(issued) > 1:
            last = f.time_element(issued[-1].issued_at.date(), words.language)
            dates.append(words("stop-version", number=len(issued), date=last))
        entry = context.here.config.trust_list.issuer(issued[0].document["issuer"])
        signed = (words("stop-signed", who=entry.named(words.language)),) if entry else ()
        yield LifeStop(words("stop-issued"), (words.comma.join(dates), *signed))
    link = isolated(CELLS.link(life_href, str(words("life-link")))) if life_href and not context.asked.token else ""
    if context.asked.reader is None:
        yield LifeStop(words("stop-shut"), (words("stop-shut-text"),), "shut")
        yield LifeStop(words("stop-end"), (words("stop-end-text", link=link),), "next")


def happenings(context: PageContext) -> tuple[Happening, ...]:
    """What happened to the pack, where the reader may see more of it than the public."""
    if context.asked.reader is None or context.is_model:
        return ()
    trust_list = context.here.config.trust_list
    proved = {result.id: result.issuer for result in context.verification.credentials if result.check(2).passed}

    def signer(document: Mapping[str, Any]) -> str | None:
        did = proved.get(document["id"])
        issuer = trust_list.issuer(did) if did else None
        return issuer.named(context.words.language) if issuer else f.shortened(did) if did else None

    return life(context.view, context.here.vocabulary, context.words, signer=signer)
