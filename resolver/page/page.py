"""The passport page: everything that the template lays out, decided here and in the modules for its parts.

A page shows one view, which holds nothing but what its reader may read. Head, trust strip, sections and what a role
opens are each made from the same :class:`~resolver.page.context.PageContext`.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import urlencode

from markupsafe import Markup

from passport.presenting.presenter import PassportView
from passport.texts.localised import language_name
from resolver.page import formatting as f
from resolver.page import role_panel
from resolver.page.context import AT_STAGE, PageContext
from resolver.page.downloads import copies, digests, downloads
from resolver.page.heads import header
from resolver.page.heads.bands import bands
from resolver.page.heads.needs import needs
from resolver.page.heads.trust_strip import TrustStrip, trust
from resolver.page.indicators.sections import closed_sections, sections
from resolver.page.indicators.states import Tally, tally
from resolver.page.life.stops import happenings, life_stops
from resolver.page.structured_data import structured_data
from resolver.page.versions import other_lives, read_outs, versions
from resolver.page.view_model import PageRequest, PageSection, PassportPage, Switch
from resolver.services import Services

_TITLES = {"model": "title-model", "batch": "title-batch", "pack": "title"}


def build_page(view: PassportView, page_request: PageRequest, here: Services) -> PassportPage:
    """The page of ``view`` in the language and under the rules asked for."""
    context = PageContext(view, page_request, here)
    words = context.words
    tallies = _tallies(context)
    life_href = f"{context.path}/events?" + urlencode({"lang": words.language}) if context.grain == "pack" else None
    name, serial = header.name(context), header.serial(context)
    short = f"…{serial[-4:]}" if serial and len(serial) > 6 else serial or ""
    file = f"{file_name(serial or name)}.passport.jsonld"
    parts, closed = sections(context), closed_sections(context)
    return PassportPage(
        title=words(_TITLES[context.grain], name=name, serial=short, batch=context.batch or ""),
        name=name,
        subject=view.subject,
        is_model=context.is_model,
        batch=context.batch if context.grain == "batch" else None,
        maker=header.maker(context),
        facts=header.facts(context),
        code=header.code(context),
        serial=serial,
        qr=header.symbol(view.subject, words),
        trust=_trust(context, tallies),
        check_file=file,
        saved_href=context.form("vp"),
        regimes=_regime_switch(context),
        languages=_language_switch(context),
        regime_note=_regime_note(context),
        sections=parts,
        columns=tuple(regime.code for regime in context.shown),
        downloads=downloads(context, file),
        copies=copies(context, file),
        trust_list_href=f"{here.config.root}/trusted-issuers.json",
        digests=digests(context),
        role=role_panel.banner(context),
        opened=role_panel.opened(context),
        ask=role_panel.ask_form(context),
        role_issuers=role_panel.role_issuers(context),
        token_url=f"{here.config.base_url}/token",
        minutes=here.config.token_lifetime // 60,
        contact=_contact(context),
        served=role_panel.served(context),
        path=context.path,
        present_href=f"{here.config.root}/present?" + urlencode({"lang": words.language, "passport": view.subject}),
        token=page_request.token,
        until=f.clock(page_request.reader.until, words.language) if page_request.reader else "",
        toc=_contents(context, parts),
        maker_name=header.maker_name(context),
        gtin=header.gtin(context),
        applicable=tuple(regime.code for regime in context.applicable if context.category),
        bands=bands(context, name),
        life_href=life_href,
        closed=closed,
        needs=needs(context, tallies, life_href),
        life=life_stops(context, life_href),
        happenings=happenings(context),
        versions=versions(context),
        read_outs=read_outs(context),
        lives=tuple(other_lives(context)),
        names_href=context.href(names=None if context.asked.all_names else "law"),
        all_names=context.asked.all_names,
        structured_data=structured_data(context, name),
    )


def _contents(context: PageContext, sections: tuple[PageSection, ...]) -> tuple[tuple[str, str], ...]:
    words = context.words
    listed = [(section.id, section.title) for section in sections]
    if not context.is_model:
        listed.insert(0, ("life", str(words("life-so-far"))))
    listed.append(("versions", str(words("versions"))))
    listed.append(("downloads", str(words("downloads"))))
    if context.asked.reader is None:
        listed.append(("ask", str(words("ask-short"))))
    elif context.asked.token:
        listed.append(("another", str(words("another"))))
    return tuple(listed)


def _contact(context: PageContext) -> Markup | None:
    """Where to write: the operator who is responsible, else the maker."""
    for id_ in ("operatorInformation", "manufacturerContact"):
        entry = context.claims.get(id_)
        if isinstance(entry, dict) and isinstance(entry.get("email"), str):
            return f.mail(entry["email"])
    return None


def _tallies(context: PageContext) -> tuple[Tally, ...]:
    """How complete it is, per regime that asks for anything today or later."""
    indicators, tallies = context.here.vocabulary.indicators, []
    for regime in context.applicable:
        duties = {id_: duty for id_, duty in context.duties(regime).items() if context.concerns(indicators[id_])}
        tallies.append(
            tally(
                regime, duties, present=context.claims, readable=context.readable, on=context.duty_day,
                at_stage=AT_STAGE,
            )
        )  # fmt: skip
    return tuple(each for each in tallies if each.due)


def _trust(context: PageContext, tallies: tuple[Tally, ...]) -> TrustStrip:
    here = context.here
    return trust(
        context.verification, here.config.trust_list, context.words, at=context.asked.at,
        tallies=tallies, regimes=here.regimes, role=context.asked.reader is not None,
        issuers_href=f"{here.config.root}/issuers?lang={context.words.language}",
        grain=context.grain, condition="batteryStatus" in context.claims,
        standings=[standing.kind for standing in context.standings],
    )  # fmt: skip


def _regime_switch(context: PageContext) -> tuple[Switch, ...]:
    if len(context.applicable) < 2:
        return ()
    single = context.shown[0].code if len(context.shown) == 1 else None
    switches = [
        Switch(context.regime_name(r.code), context.href(regime=r.code), r.code == single) for r in context.applicable
    ]
    return (*switches, Switch(str(context.words("both")), context.href(regime=None), single is None))


def _language_switch(context: PageContext) -> tuple[Switch, ...]:
    return tuple(
        Switch(language_name(code), context.href(lang=code), code == context.words.language, code)
        for code in context.here.config.languages
    )


def _regime_note(context: PageContext) -> Markup | None:
    """Said to who asked for rules that ask nothing of this kind of battery."""
    silent = {regime.code for regime in context.here.regimes} - {regime.code for regime in context.applicable}
    if context.asked.regime in silent:
        return context.words("regime-not-asked", regime=context.regime_name(context.asked.regime))
    return None


def file_name(text: str) -> str:
    """A name that is safe as a file name everywhere."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text)[:60].strip("-")
    return safe or sha256(text.encode()).hexdigest()[:12]
