"""One entry of the page: its label, its value or state, and its names under both vocabularies."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from passport.battery import access
from passport.battery.vocabulary import Carrier, Indicator
from resolver.page import formatting as f
from resolver.page import values
from resolver.page.states import Decision, State, Waiting
from resolver.page.view_model import Row
from resolver.page.wording import AUDIENCES, STAGES, Words

_MONTH_ONLY = frozenset({"manufacturingDate"})


class Entries:
    """Makes rows for one page.

    :param claims: what the view holds, by indicator id.
    :param subject: address of this very passport.
    :param read_times: subject of the condition credential, for when its values were read; empty without one.
    :param policy: the access policy, which says who may see a restricted entry.
    :param regimes: codes of the regimes shown.
    :param regime_name: the name of a regime by its code.
    """

    def __init__(
        self,
        claims: Mapping[str, Any],
        subject: str,
        read_times: Mapping[str, Any],
        policy: str,
        words: Words,
        regimes: Collection[str],
        regime_name: Callable[[str], str],
    ) -> None:
        self.claims = claims
        self.subject = subject
        self.read_times = read_times
        self.policy = policy
        self.words = words
        self.regimes = regimes
        self.regime_name = regime_name

    def row(self, indicator: Indicator, decision: Decision) -> Row:
        html, kind, extra = self.cell(indicator, decision)
        return Row(
            indicator.id, indicator.label[self.words.language], html, kind,
            self.eu_name(indicator), self.cn_name(indicator), not indicator.static, extra,
        )

    def cell(self, indicator: Indicator, decision: Decision) -> tuple[Markup, str, Markup | None]:
        words = self.words
        match decision.state:
            case State.VALUE:
                value = self.claims[indicator.id]
                if value == self.subject:
                    return Markup("<code>{}</code>").format(value), "long", None  # where the reader already is
                cell = values.render(indicator, value, words)
                html, kind = cell.html, cell.kind
                for small in (*self.read_time(indicator), *self.month(indicator), *self.waiting_beside(decision)):
                    html += Markup("<small>{}</small>").format(small)
                    kind = "long" if kind == "short" else kind
                return html, kind, cell.extra
            case State.RESTRICTED:
                said = Markup('<span class="st rs">{}</span><small>{}</small>')
                return said.format(words("restricted"), self.who(indicator)), "long", None
            case State.NOT_YET_DUE:
                said = Markup('<span class="st nyd">{}</span><small>{}</small>')
                reasons = Markup("; ").join(self.reason(waiting) for waiting in decision.waiting)
                return said.format(words("not-yet-due"), reasons), "long", None
            case State.NOT_APPLICABLE:
                said = Markup("<span class=st>{}</span>")
                return said.format(words("not-applicable")), "long tx", None
            case _:
                return Markup('<b class="bad">! {}</b>').format(words("missing")), "long", None

    def who(self, indicator: Indicator) -> str:
        """Who may see an entry, grouped in the order in which people are named everywhere."""
        wide = self.policy == "article-77"
        audiences = indicator.audiences_art77 if wide else indicator.audiences
        return self.words.pause.join(self.words.of(AUDIENCES, code) for code in AUDIENCES if code in audiences)

    def read_time(self, indicator: Indicator) -> list[Markup]:
        """When a value of a read-out was read."""
        if indicator.carrier is not Carrier.CONDITION or indicator.dated_by is None:
            return []
        at = f.instant(self.read_times.get(indicator.dated_by))
        key = "changed-at" if indicator.dated_by == access.STATUS_CHANGED_AT else "read-at"
        return [self.words(key, at=f.moment(at, self.words.language))] if at else []

    def month(self, indicator: Indicator) -> list[Markup]:
        """How EU documents write a date of which they want year and month only (Annex VI, part A)."""
        if indicator.id not in _MONTH_ONLY or "eu" not in self.regimes:
            return []
        try:
            day = date.fromisoformat(str(self.claims[indicator.id]))
        except ValueError:
            return []
        return [self.words("month-only", month=f.month(day, self.words.language))]

    def waiting_beside(self, decision: Decision) -> list[Markup]:
        return [
            Markup("<span class=nyd>{}</span> {}").format(self.words("not-yet-due"), self.reason(waiting))
            for waiting in decision.waiting
        ]

    def reason(self, waiting: Waiting) -> Markup:
        regime = self.regime_name(waiting.regime)
        if waiting.kind == "pending":
            return self.words("pending", regime=regime)
        if waiting.kind == "from-date":
            return self.words("from-date", regime=regime, date=f.time_element(waiting.day, self.words.language))
        return self.words("at-stage", regime=regime, stage=self.words.of(STAGES, waiting.stage.value))

    def eu_name(self, indicator: Indicator) -> Markup | None:
        """The name under EU rules, with the Annex point."""
        words, parts = self.words, []
        names = indicator.eu.label if indicator.eu else {}
        label = indicator.label[words.language]
        text = names.get(words.language)
        if text and _same(text, label):
            parts.append(words("same-name"))
        elif text:
            parts.append(escape(text))
        elif names.get("en"):
            same = _same(names["en"], indicator.label["en"]) and words.language == "en"
            parts.append(words("same-name") if same else Markup("<span lang=en>{}</span>").format(names["en"]))
        if indicator.annex_xiii:
            point = indicator.annex_xiii.split()[0]
            shown = point.replace("Art.", "Art. ") if point.startswith("Art.") else f"XIII {point}"
            parts.append(escape(shown.replace(" ", "\u00a0")))
        between = words.comma if parts and parts[0] == words("same-name") else Markup(" ")
        return between.join(parts) if parts else None

    def cn_name(self, indicator: Indicator) -> Markup | None:
        text = indicator.cn.label.get("zh") if indicator.cn else None
        if not text:
            return None
        if self.words.language == "zh":
            return self.words("same-name") if text == indicator.label["zh"] else escape(text)
        return Markup("<span lang=zh>{}</span>").format(text)


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()).casefold() == " ".join(other.split()).casefold()
