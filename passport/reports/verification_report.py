"""The report of a verification that people file: one page as HTML, and the same as PDF.

It names the battery that the file speaks of, the verdict, each check with what was found, and the digest of the file.
It decides nothing: the caller gives what the verifier said.

    sheet = VerificationSheet(…)
    sheet_html(sheet, "en"), sheet_pdf(sheet, "en")
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from passport.reports import pdf_pages
from passport.reports.pdf_pages import Block, Heading, Line, Pairs, Title
from passport.reports.standalone_page import render
from passport.texts import Message, Text, say

TEXTS: Mapping[str, Text] = {
    "title": Message("Verification report"),
    "battery": Message("Battery that the file speaks of"),
    "no-battery": Message("Nothing in the file is proved, so it speaks of no battery."),
    "checks": Message("Checks"),
    "attested": Message("Who examined these values"),
    "file": Message("File"),
    "digest": Message("SHA-256"),
    "when": Message("Checked"),
    "site": Message("By the trust list of"),
    "footer": Message(
        "No check of this kind can tell whether the values are true, or whether the battery before you is the one "
        "described."
    ),
}


@dataclass(frozen=True)
class SheetCheck:
    """One check: number, question in plain words, outcome as a word, and what was found."""

    number: int
    question: str
    outcome: str
    found: str


@dataclass(frozen=True)
class VerificationSheet:
    """What a report tells, in the reader's language.

    :ivar tone: ``good``, ``warn`` or ``bad``; :ivar battery: names and values; empty where nothing is proved.
    :ivar file: name of the file, :ivar digest: its SHA-256 in hexadecimal; :ivar when: the instant of the checks.
    :ivar site: whose trust list decided.
    :ivar attested: names of attested values, and by whom and until when; empty where none is attested.
    """

    sentence: str
    tone: str
    battery: tuple[tuple[str, str], ...]
    checks: tuple[SheetCheck, ...]
    file: str
    digest: str
    when: str
    site: str
    attested: tuple[tuple[str, str], ...] = ()


def sheet_html(sheet: VerificationSheet, language: str) -> str:
    """The report as one HTML file."""
    return render("verification.html", TEXTS, language, sheet=sheet)


def sheet_pdf(sheet: VerificationSheet, language: str) -> bytes:
    """The report as PDF."""

    def text(key: str) -> str:
        return say(TEXTS[key], language)

    blocks: list[Block] = [
        Title(text("title")),
        Line(sheet.sentence, "bad" if sheet.tone == "bad" else "", bold=True),
        Heading(text("battery")),
        Pairs(sheet.battery) if sheet.battery else Line(text("no-battery")),
        Heading(text("checks")),
        Pairs([(f"{check.number} {check.question}", f"{check.outcome}. {check.found}") for check in sheet.checks]),
        *((Heading(text("attested")), Pairs(sheet.attested)) if sheet.attested else ()),
        Heading(text("file")),
        Pairs(
            [(text("file"), sheet.file), (text("digest"), sheet.digest), (text("when"), sheet.when),
             (text("site"), sheet.site)]
        ),
    ]  # fmt: skip
    return pdf_pages.document(text("title"), blocks, language=language, footer=text("footer"))
