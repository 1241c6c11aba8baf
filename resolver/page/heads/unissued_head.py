"""The head of a page for a battery without an issued passport: the code as read, and what to do. It blames no one."""

from __future__ import annotations

from markupsafe import Markup

from passport.battery.identifiers.address import PassportAddress
from resolver.page import formatting as f
from resolver.page.heads import header
from resolver.page.view_model import PassportPage, Unissued
from resolver.page.wording import Words
from resolver.services import Services


def unissued_head(
    kind: str, address: PassportAddress, words: Words, here: Services, page: PassportPage | None = None
) -> Unissued:
    """:param kind: ``serial`` or ``code``, what the battery was asked for by.

    :param page: the page of its model, shown below; None where the model is not known.
    """
    number = address.model + (address.serial or "") if kind == "code" else address.serial or ""
    return Unissued(
        title=words(f"unissued-{kind}-title", number=number),
        headline=words(f"unissued-{kind}", number=number),
        line=words("unissued-below", name=page.name) if page else words("unissued-unknown"),
        code=_code(kind, address, words, here),
        typed=number,
        steps=(
            words("unissued-compare"),
            words("unissued-model", name=page.name) if page else
            words("unissued-search", href=f"{here.config.root}/search?lang={words.language}"),
            _ask(words, page),
            _buying(words, here, page),
        ),
    )  # fmt: skip


def _code(kind: str, address: PassportAddress, words: Words, here: Services) -> header.Code:
    """The code as it was read, in its parts; only the last part is unknown."""
    if kind == "code":
        parts = header.code_groups(address.model + (address.serial or ""), words, here.vocabulary)
        if parts:
            return parts
    caption = "GTIN" if address.scheme == "gs1" else str(words("unissued-model-part"))
    return ((address.model, caption),), ((address.serial or "", str(words("code-serial"))),)


def _ask(words: Words, page: PassportPage | None) -> Markup:
    if page is None or not page.maker_name:
        return words("unissued-ask-label")
    contact = words("unissued-contact", mail=page.contact) if page.contact else ""
    return words("unissued-ask", maker=page.maker_name, contact=contact)


def _buying(words: Words, here: Services, page: PassportPage | None) -> Markup:
    """Whether it must have a passport: of categories that the EU's rules speak of, from their first day on."""
    rules = next((regime for regime in here.regimes if regime.code == "eu"), None)
    if page is None or rules is None or "eu" not in page.applicable:
        return words("unissued-seller")
    return words("unissued-must", date=f.time_element(rules.in_force, words.language))
