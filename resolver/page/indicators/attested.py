"""Who attested a value, and until when, in a few words beside it; and where an attestation no longer fits the value.

A value shows every attestation that fits. Where none fits, it shows the newest one and why it does not count. What is
no attestation of the value that is shown is left to the page of all attestations.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from passport.attestation.attested_standing import STANDING_TEXTS, AttestedStanding, AttestedValue
from passport.reports.isolation import isolated
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.macros import CELLS
from resolver.page.view_model import EntryRow
from resolver.page.wording import Words


def marks(context: PageContext, indicator: str) -> tuple[Markup, ...]:
    """The marks of one value; empty where it is not attested."""
    values = context.attested.get(indicator, ())
    fitting = [each for each in values if each.standing is AttestedStanding.FITS]
    if fitting:
        return tuple(dict.fromkeys(_mark(context, each) for each in fitting))
    others = [each for each in values if each.standing is not AttestedStanding.ABSENT]
    newest = max(others, key=lambda each: each.statement.examined_on, default=None)
    return () if newest is None else (_mark(context, newest),)


def marks_of(rows: Iterable[EntryRow], words: Words) -> tuple[Markup, ...]:
    """The marks of several entries that are shown as one: what holds for all is said once, else each has its name."""
    parts = tuple(rows)
    return parts[0].attested if len({row.attested for row in parts}) == 1 else named_marks(parts, words)


def named_marks(rows: Iterable[EntryRow], words: Words) -> tuple[Markup, ...]:
    """The marks of several entries, each with the name of its entry."""
    return tuple(words("labelled", label=row.label, value=mark) for row in rows for mark in row.attested)


def _mark(context: PageContext, value: AttestedValue) -> Markup:
    words = context.words
    issuer = context.here.config.trust_list.issuer(value.issuer)
    who = f.shortened(value.issuer) if issuer is None else issuer.named(words.language)
    if value.standing is not AttestedStanding.FITS:
        key = "attested-changed" if value.standing is AttestedStanding.CHANGED else "attested-not"
        return isolated(CELLS.attested("!", words(key, who=who, why=STANDING_TEXTS[value.standing])))
    if value.until is None:
        return isolated(CELLS.attested("✓", words("attested-by", who=who)))
    until = f.time_element(value.until.date(), words.language)
    return isolated(CELLS.attested("✓", words("attested-until", who=who, date=until)))
