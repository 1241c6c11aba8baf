"""The public passport of a pack on one page of paper: what it is, whether it can be trusted, what each reader needs.

The same values and sentences as on the page, chosen by the same code (:mod:`resolver.page.page`). It is not signed; the
QR code on it leads to what is.
"""

from __future__ import annotations

import html
import re

from markupsafe import Markup

from passport.reports import pdf_pages
from passport.reports.pdf_pages import Block, Heading, Line, Pairs, Title
from resolver.page.view_model import PassportPage
from resolver.page.wording import Words

_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:p|li|br|dd)\b[^>]*>")
_OF_SCREEN = re.compile(r'href="(?:#ask|[^"]*[?&](?:lang|format)=)')
#: Entries of the sheet, beside what the readers' blocks hold; in the order of the page.
_ENTRIES = (
    "ratedCapacity", "ratedEnergy", "nominalVoltage", "batteryMass", "batteryDimensions", "maximumPermittedPower",
    "expectedNumberOfCycles", "warrantyPeriod", "manufacturingPlace", "batteryCarbonFootprint",
    "absoluteCarbonFootprint",
    "recycledCobaltShare", "recycledNickelShare", "recycledLithiumShare", "recycledLeadShare", "renewableContentShare",
)  # fmt: skip


def summary(page: PassportPage, language: str) -> bytes:
    """One page of A4.

    :param page: of a pack, as the public sees it.
    """
    words = Words(language)
    code = "".join(text for group in page.code for text, _ in group) or page.serial or ""
    facts = words.pause.join(f"{plain(name)} {plain(value)}" for name, value in page.facts)
    blocks: list[Block] = [
        *(Line(f"{band.mark} {plain(band.headline)}", "bad", bold=True) for band in page.bands),
        *(Line(plain(sentence), "bad") for band in page.bands for sentence in band.sentences),
        Title(page.name, (plain(page.maker), plain(facts), code), page.subject),
        Line(plain(page.trust.headline), "" if page.trust.tone == "good" else "bad", bold=True),
        Line(plain(page.trust.line), "muted"),
    ]
    for need in page.needs:
        blocks += [Heading(plain(need.title)), Line(plain(need.line), bold=True)]
        # What is restricted, and what only a screen can open, is no use on paper.
        rows = [(plain(name), plain(value)) for name, value in need.rows if not _OF_SCREEN.search(value)]
        blocks.append(Pairs([(name, value[:220]) for name, value in rows], columns=2))
    entries = {row.id: row for section in page.sections for row in section.rows}
    entries |= {row.id: row for section in page.sections for figure in section.figures for row in figure.rows}
    chosen = [(entries[id_].label, plain(entries[id_].html)) for id_ in _ENTRIES if id_ in entries]
    blocks += [Heading(str(words("summary-figures"))), Pairs(chosen, columns=2)]
    footer = f"{plain(page.served)} {plain(words('summary-footer'))} {page.subject}"
    return pdf_pages.document(plain(page.title), blocks, language=language, footer=footer, one_page=True)


def plain(markup: object) -> str:
    """Markup as text: a line break or paragraph within it becomes a semicolon."""
    text = str(markup)
    if isinstance(markup, Markup):
        text = html.unescape(_TAG.sub("", _BREAK.sub("; ", text)))
    return re.sub(r"(?:; )+", "; ", " ".join(text.split("\n"))).strip("; ").strip()
