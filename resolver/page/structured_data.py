"""What the page says to search engines: the battery and its passport in the words of schema.org 30.1 (September 2026).

A data block of the page, which no browser executes. It names what everybody may read and the head of the page shows, so
it is the same for every reader. The signed passport is the record; this only leads to it.
"""

from __future__ import annotations

from typing import Any

from resolver.addresses import PREFIX
from resolver.page.context import PageContext
from resolver.page.heads import header


def structured_data(context: PageContext, name: str) -> dict[str, Any]:
    """The battery as a ``Product`` with its ``DigitalProductPassport``.

    :param name: of the battery, as the head of the page has it.
    """
    base_url = context.here.config.base_url
    passport = base_url + PREFIX + context.view.subject.removeprefix(base_url)
    product: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ProductModel" if context.is_model else "IndividualProduct",
        "@id": context.view.subject,
        "name": name,
        "gtin": header.gtin(context),
        "serialNumber": header.serial(context),
        "hasDigitalProductPassport": {
            "@type": "DigitalProductPassport",
            "@id": passport,
            "url": passport,
            "inLanguage": list(context.here.config.languages),
        },
    }
    maker = context.claims.get("manufacturerName")
    if isinstance(maker, str):
        product["manufacturer"] = {"@type": "Organization", "name": maker}
    if not context.is_model:
        product["model"] = {"@type": "ProductModel", "@id": context.view.model}
    return {name: value for name, value in product.items() if value is not None}
