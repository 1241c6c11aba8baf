"""The panel for a reader with a role: which role it is, which data it opens, and how to end it; and asking for one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from markupsafe import Markup

from passport.battery.privacy import rights
from passport.reports.isolation import isolated
from passport.vocabulary.credential_types import CONDITION, RECORDED_AT, ROLE
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import audiences_of
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators import value_cells
from resolver.page.view_model import AskForm

#: What a repairer or recycler asks first, told before everything else where the role opens it.
_FIRST = ("batteryStatus", "stateOfCertifiedEnergy", "remainingUsableBatteryEnergy", "stateOfCharge")


def banner(context: PageContext) -> Mapping[str, Markup] | None:
    """The first line of the page, and the line under it; None for the public."""
    reader, words = context.asked.reader, context.words
    if reader is None:
        return None
    issuer = context.here.config.trust_list.issuer(reader.issuer)
    until = f.time_element(reader.role_until.date(), words.language) if reader.role_until else None
    return {
        "line": words(
            "role-line",
            role=context.in_text("audience", reader.audience),
            time=f.clock(reader.until, words.language),
        ),
        "detail": words(
            "role-detail",
            purpose=context.in_text("purpose", reader.purpose),
            issuer=issuer.named(words.language) if issuer else f.shortened(reader.issuer),
            end=words("role-end", date=until) if until else "",
        ),
    }


def opened(context: PageContext) -> tuple[Markup, ...]:
    """What the role opens, in sentences: the state of the battery, where the rest is, what stays closed."""
    if context.asked.reader is None:
        return ()
    words, known = context.words, context.here.vocabulary
    counts: dict[str, int] = {}
    for indicator in known.indicators.values():
        if indicator.id in context.claims and Audience.PUBLIC not in indicator.audiences:
            counts[indicator.dimension.id] = counts.get(indicator.dimension.id, 0) + 1
    if not counts:
        return (words("opens-nothing"),)
    links = [
        words("opens-one", id=id_, title=context.section_name(known.dimensions[id_]), number=number)
        for id_, number in counts.items()
    ]
    return (*_state(context), words("opens-text", n=sum(counts.values()), list=words.join(links)))


def _state(context: PageContext) -> tuple[Markup, ...]:
    """The state of the battery as it was last read."""
    condition = context.view.credential(CONDITION)
    read = f.instant(condition["credentialSubject"].get(RECORDED_AT)) if condition else None
    indicators = [context.here.vocabulary.indicators[id_] for id_ in _FIRST if id_ in context.claims]
    if read is None or not indicators:
        return ()
    words = context.words
    sentences = [
        words(
            "opens-value", id=indicator.id, label=indicator.label,
            value=value_cells.render(indicator, context.claims[indicator.id], words).html,
        )
        for indicator in indicators
    ]  # fmt: skip
    return (words("opens-state", at=f.moment(read, words.language), list=words.pause.join(sentences)),)


def role_issuers(context: PageContext) -> Markup:
    """Whom to ask for a role; empty where the trust list names no issuer of roles."""
    words = context.words
    named = [
        isolated(issuer.named(words.language))
        for issuer in context.here.config.trust_list.issuers
        if ROLE in issuer.trusted_for and issuer.audiences
    ]
    return words("ask-issuers", list=words.join(named)) if named else isolated("")


def ask_form(context: PageContext) -> AskForm | None:
    """The form that asks for a role for this pack; None where the site names no workspace, or for another page.

    A passport as it was is no place to ask: a role opens what is in force.
    """
    config, words = context.here.config, context.words
    if config.ask_url is None or context.asked.reader is not None or context.grain != "pack" or context.asked.as_of:
        return None
    names = context.here.vocabulary.enumerations["purpose"]
    purposes = [(code, names.label_of(code, words.language)) for code in rights.PURPOSES]
    if any(Audience.NOTIFIED_BODY in audiences_of(config.trust_list, each.id) for each in config.trust_list.issuers):
        purposes.append((rights.CONFORMITY_ASSESSMENT, words("ask-conformity")))
    return AskForm(f"{config.ask_url}?lang={words.language}", urlsplit(config.ask_url).netloc, tuple(purposes))


def served(context: PageContext) -> Markup:
    """The last line of the page, on paper too: when it was made, and for which reader."""
    words, reader = context.words, context.asked.reader
    at = f.moment(context.asked.at, words.language)
    if reader is None:
        return words("served", at=at)
    return words("served-role", at=at, holder=f.shortened(reader.holder), token=reader.token_id)
