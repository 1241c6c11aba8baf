"""One entry of the page: its label, its value or state, and its names under both vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from markupsafe import Markup

from passport.reports.isolation import isolated
from passport.validation.obligations import Wait
from passport.vocabulary.credential_types import CONDITION, STATUS_CHANGED_AT
from passport.vocabulary.vocabulary import Audience, Carrier, Datatype, Indicator
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators import value_cells
from resolver.page.indicators.attested import marks
from resolver.page.indicators.states import EntryState, StateDecision, Waiting
from resolver.page.macros import CELLS
from resolver.page.pictures.figures import method_beside
from resolver.page.view_model import EntryRow, LegalName

_NOTHING = isolated("")
_MONTH_ONLY = frozenset({"manufacturingDate"})


class Entries:
    """Makes rows for one page."""

    def __init__(self, context: PageContext) -> None:
        self.context = context
        self.claims = context.claims
        self.words = context.words
        condition = context.view.credential(CONDITION)
        #: When the values of a read-out were read; empty without one.
        self.read_times: Mapping[str, Any] = condition["credentialSubject"] if condition else {}

    def row(self, indicator: Indicator, decision: StateDecision) -> EntryRow:
        """The row of an entry with a value, or of one that is missing."""
        if decision.state is EntryState.VALUE:
            html, stacked, extra, notes = self.value(indicator, decision)
            row = self.named(indicator, html, stacked=stacked, extra=extra, notes=notes)
            return replace(row, attested=marks(self.context, indicator.id))
        return self.named(indicator, isolated(CELLS.missing(self.words("missing"))))

    def named(
        self, indicator: Indicator, html: Markup = _NOTHING, *, stacked: bool = False, extra: Markup | None = None,
        notes: tuple[Markup, ...] = (),
    ) -> EntryRow:  # fmt: skip
        """A row by the names of its indicator."""
        return EntryRow(
            indicator.id, self.words.say(indicator.in_text), html, stacked, self.words.say(indicator.definition),
            f"{self.context.here.config.root}/ns/{indicator.id}?lang={self.words.language}",
            self.eu_name(indicator), self.cn_name(indicator), notes, extra,
        )  # fmt: skip

    def value(
        self, indicator: Indicator, decision: StateDecision
    ) -> tuple[Markup, bool, Markup | None, tuple[Markup, ...]]:
        """The value, whether it has a line of its own, the table below it, and what is said when the name is opened."""
        words, value = self.words, self.claims[indicator.id]
        if value == self.context.view.subject:
            return isolated(CELLS.code(value)), True, None, ()  # where the reader already is
        if indicator.id == "batchNumber" and self.context.batch and not self.context.is_model:
            # The batch has a page of its own, with what the law states for each plant.
            return isolated(CELLS.batch(self.context.batch_page, value)), True, None, ()
        if isinstance(value, Mapping):
            value = {term: content for term, content in value.items() if content != self.context.view.subject} or value
        cell = value_cells.render(indicator, value, words)
        method = method_beside(self.context, indicator.id)
        notes = (
            *self.signed(indicator, value), *self.read_time(indicator), *self.month(indicator),
            *self.waiting_beside(decision), *([method] if method else ()),
            *((words("changes-in-use"),) if not indicator.static else ()),
        )  # fmt: skip
        # What holds a link or lines of its own is no part of a name that opens.
        stacked = cell.kind != "short" or any(tag in cell.html for tag in ("<p", "<a ", "<ul", "<details"))
        if indicator.datatype is Datatype.ANY_URI and (link := self.document(indicator, value)) is not None:
            return link, True, None, notes
        return cell.html, stacked, cell.extra, notes

    def document(self, indicator: Indicator, value: Any) -> Markup | None:
        """A link to one document by its host: the name of the entry says what it is, the address where it is."""
        address = value[0] if isinstance(value, list) and len(value) == 1 else value
        host = f.web_host(address) if isinstance(address, str) else None
        if host is None:
            return None
        return isolated(CELLS.document(address, self.words.say(indicator.in_text), host))

    def signed(self, indicator: Indicator, value: Any) -> list[Markup]:
        """The figure as it was signed, where another prefix of its unit is shown."""
        text = f.as_signed(value, indicator.unit, self.words.language) if isinstance(value, str | int) else None
        return [self.words("signed-as", value=text)] if text else []

    def who(self, indicator: Indicator) -> Markup:
        """Who may see an entry, grouped in the order in which people are named everywhere."""
        wide = self.context.here.config.access_policy == "article-77"
        audiences = indicator.audiences_art77 if wide else indicator.audiences
        reader = self.context.asked.reader
        named = []
        for audience in Audience:
            if audience in audiences:
                name = self.context.in_text("audience", audience)
                # The reader's own audience, and yet not for this reader: the purpose does not open it.
                mine = reader is not None and reader.audience is audience
                named.append(str(self.words("other-purpose", who=name)) if mine else name)
        return self.words.pause.join(named)

    def read_time(self, indicator: Indicator) -> list[Markup]:
        """When a value of a read-out was read."""
        if indicator.carrier is not Carrier.CONDITION or indicator.dated_by is None:
            return []
        at = f.instant(self.read_times.get(indicator.dated_by))
        key = "changed-at" if indicator.dated_by == STATUS_CHANGED_AT else "read-at"
        return [self.words(key, at=f.moment(at, self.words.language))] if at else []

    def month(self, indicator: Indicator) -> list[Markup]:
        """How EU documents write a date of which they want year and month only (Annex VI, part A)."""
        if indicator.id not in _MONTH_ONLY or "eu" not in {regime.code for regime in self.context.shown}:
            return []
        try:
            day = date.fromisoformat(str(self.claims[indicator.id]))
        except ValueError:
            return []
        return [self.words("month-only", month=f.month(day, self.words.language))]

    def waiting_beside(self, decision: StateDecision) -> list[Markup]:
        return [
            isolated(CELLS.not_yet(self.words("not-yet-due"), self.reason(waiting))) for waiting in decision.waiting
        ]

    def reason(self, waiting: Waiting) -> Markup:
        regime = self.context.regime_name(waiting.regime)
        if waiting.kind is Wait.ACT and waiting.article:
            return self.words("pending-act", regime=regime, article=waiting.article)
        if waiting.kind is Wait.ACT:
            return self.words("pending", regime=regime)
        if waiting.kind is Wait.DAY and waiting.day is not None:
            return self.words("from-date", regime=regime, date=f.time_element(waiting.day, self.words.language))
        stage = waiting.stage.value if waiting.stage is not None else ""
        return self.words("at-stage", regime=regime, stage=self.context.in_text("stage", stage))

    def eu_name(self, indicator: Indicator) -> LegalName | None:
        """The name under EU rules, with the Annex point."""
        words, language, parts = self.words, None, []
        names = indicator.eu.label if indicator.eu else {}
        label_language = words.language if words.language in names else "en"
        text = names.get(label_language)
        if text and _same(text, indicator.label[label_language]) and label_language == words.language:
            parts.append(words("same-name"))
        elif text:
            # A long name in a narrow column breaks at its strokes, not within a word.
            parts.append(isolated(CELLS.breaking(text.split("/"))))
            language = label_language if label_language != words.language else None
        if indicator.annex_xiii:
            point = indicator.annex_xiii.split()[0]
            shown = point.replace("Art.", "Art. ") if point.startswith("Art.") else f"XIII {point}"
            parts.append(isolated(shown.replace(" ", "\u00a0")))
        between = words.comma if parts and parts[0] == words("same-name") else isolated(" ")
        return LegalName(between.join(parts), language) if parts else None

    def cn_name(self, indicator: Indicator) -> LegalName | None:
        text = indicator.cn.label.get("zh") if indicator.cn else None
        if not text:
            return None
        if self.words.language == "zh":
            return LegalName(self.words("same-name") if text == indicator.label["zh"] else isolated(text))
        return LegalName(isolated(text), "zh")


def _same(text: str, other: str) -> bool:
    return " ".join(text.split()).casefold() == " ".join(other.split()).casefold()
