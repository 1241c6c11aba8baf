"""The bands above a passport: what has become of it, or that the page is of a model or batch. Valid has none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from passport.battery.identifiers.address import parse_iri
from passport.errors import MalformedIdentifier
from passport.presenting.standing import Standing
from passport.presenting.standing_words import told
from passport.vocabulary.vocabulary import Vocabulary
from resolver.addresses import PREFIX
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.view_model import Band
from resolver.page.wording import Words

#: Mark of a page that is of no battery.
_MODEL = "□"


def bands(context: PageContext, name: str) -> tuple[Band, ...]:
    """In the order in which they are read; :param name: the model's designation."""
    standing_bands = tuple(_band(context, standing) for standing in context.standings)
    if context.grain == "batch":
        return (*standing_bands, _of_batch(context, name))
    return (*standing_bands, _of_model(context, name)) if context.is_model else standing_bands


def ended_band(standing: Standing, words: Words, vocabulary: Vocabulary) -> Band:
    """The band of a passport that has ceased to exist, for a page that has nothing below."""
    wording = told(standing, words.language, vocabulary)
    return Band(
        standing.kind, wording.mark, f.text(wording.headline, words.language), _sentences(wording.sentences, words)
    )


def _band(context: PageContext, standing: Standing) -> Band:
    words = context.words
    wording = told(standing, words.language, context.here.vocabulary)
    action = None
    if wording.action is not None:
        subject = standing.replacement.subject if standing.replacement else context.view.subject
        href = _page(context, subject)
        action = (href, wording.action, subject) if href else None
    return Band(
        standing.kind, wording.mark, f.text(wording.headline, words.language), _sentences(wording.sentences, words),
        action, wording.action_note if action else None, _on_this_site(context, standing.status_list),
    )  # fmt: skip


def _sentences(sentences: tuple[str, ...], words: Words) -> tuple[Any, ...]:
    return tuple(f.text(sentence, words.language) for sentence in sentences)


def _of_model(context: PageContext, name: str) -> Band:
    gtin = context.claims.get("gtin")
    text = (
        context.words("model-only-gtin", gtin=gtin, name=name)
        if isinstance(gtin, str)
        else (context.words("model-only-text", name=name))
    )
    return Band("model", _MODEL, context.words("model-only"), (text,))


def _of_batch(context: PageContext, name: str) -> Band:
    text = context.words("batch-only-text", batch=context.batch or "", name=name)
    return Band("model", _MODEL, context.words("batch-only"), (text,))


def _page(context: PageContext, subject: str) -> str | None:
    """The page of a passport of this site, in the reader's language. No other address is ever led to."""
    config = context.here.config
    try:
        path = parse_iri(subject, config.base_url).path
    except MalformedIdentifier:
        return None
    return f"{config.root}{PREFIX}{path}?" + urlencode({"lang": context.words.language})


def _on_this_site(context: PageContext, address: str | None) -> str | None:
    config = context.here.config
    if address is None or not address.startswith(f"{config.base_url}/status/"):
        return None
    return config.root + address.removeprefix(config.base_url)
