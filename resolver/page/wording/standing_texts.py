"""The bands above a passport in unusual cases: no passport, or the model only, with links to continue."""

from __future__ import annotations

from passport.texts import Message

TEXTS: dict[str, Message] = {
    # --- the page of a model ------------------------------------------------------------------------------------------
    "model-only": Message("Model only, not one battery"),
    "model-only-gtin": Message(
        "GTIN {gtin} is the same on every {name}. For the passport of one battery, scan the code on its type plate."
    ),
    "model-only-text": Message(
        "This address is the same for every {name}. For the passport of one battery, scan the code on its type plate."
    ),
    "model-gtin": Message("GTIN of the model"),
    "batch-only": Message("Batch only, not one battery"),
    "batch-only-text": Message(
        "Batch {batch} is the same for every {name} that was made in it. For the passport of one battery, scan the "
        "code on its type plate."
    ),
    "batch-identifier": Message("Production batch"),
    # --- no passport --------------------------------------------------------------------------------------------------
    "unissued-serial-title": Message("No passport for serial {number}"),
    "unissued-code-title": Message("No passport for code {number}"),
    "unissued-serial": Message("No passport for serial <code>{number}</code> is published here"),
    "unissued-code": Message("No passport for code <code>{number}</code> is published here"),
    "unissued-below": Message("Below is only the model, {name}: what is the same for every battery of it."),
    "unissued-unknown": Message("Its model is not known here either."),
    "unissued-read": Message("The code as it was read"),
    "unissued-do": Message("What to do"),
    "unissued-model-part": Message("model"),
    "unissued-compare": Message("<b>Compare it with the battery.</b> Every sign: 0 and O, 1 and I look alike."),
    "unissued-model": Message('<b>Read what is known of the model.</b> <a href="#model">{name}</a> is below.'),
    "unissued-search": Message(
        '<b>Search by maker and model.</b> <a href="{href}">Search</a> finds what is published here.'
    ),
    "unissued-ask": Message("<b>Ask the maker.</b> {maker}{contact}."),
    "unissued-contact": Message(", {mail}"),
    "unissued-ask-label": Message("<b>Ask the maker.</b> The name is on the label of the battery."),
    "unissued-must": Message(
        "<b>Buying or inspecting?</b> In the EU, a battery of this category that is placed on the market from "
        "{date} on must have a passport. Ask the seller where it is published."
    ),
    "unissued-seller": Message("<b>Buying or inspecting?</b> Ask the seller where its passport is published."),
}
