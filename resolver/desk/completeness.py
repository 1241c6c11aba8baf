"""Passports beside packs by maker, models and packs by regime and day, changes of status, who owes reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from werkzeug.exceptions import NotFound

from passport.oversight.overview import OWED_RULES, completeness, debtors, issued_models, packs_of_model
from passport.presenting.model_completeness import ModelCompleteness, PackCompleteness, by_model, by_pack
from passport.supervision.alerts import LIVE
from passport.texts import day as day_text
from passport.vocabulary.regime import Regime
from passport.vocabulary.vocabulary import due_on
from resolver.desk.alerts import page_names
from resolver.desk.frame import CHINA, ROOT, DeskPage, Table, Visitor, chosen, chosen_code, chosen_day, desk, route
from resolver.desk.names import DeskNames
from resolver.views import services

_PARTS = ("makers", "models", "changes")
#: Models that are looked at: those with most packs.
_MODELS = 60
#: Missing indicators that are named.
_MISSING = 4
#: Rows of a page; the export has all.
_SHOWN = 50


_MODEL_HEADINGS = ("issuer", "model", "category", "packs", "sample", "regime", "due", "given", "missing")


@route("/completeness", sees_all=True)
def desk_completeness(visitor: Visitor) -> DeskPage:
    """Makers, the largest first; the newest changes of status."""
    makers, changes = completeness(services().store)
    part = chosen_code("part", _PARTS) or "makers"
    names = page_names(visitor)
    silent = sum(entry.rule.code == "silent-in-use" and entry.status in LIVE for entry in desk().alerts.entries())
    produced, passports = sum(row.produced for row in makers), sum(row.passports for row in makers)
    here = services()
    on = chosen_day("on") or visitor.at.date()
    models = list(by_model(here.store, here.regimes, issued_models(here.store, _MODELS), _due(visitor)))
    codes = [regime.code for regime in here.regimes]
    if part == "models":
        told_of = [
            (row.issuer, row.model, row.category.value, row.packs, row.sample, code, count.due, count.given,
             " ".join(count.missing))
            for row in models for code, count in row.regimes.items()
        ]  # fmt: skip
        table = Table(_MODEL_HEADINGS, told_of)
    elif part == "makers":
        headings = ("maker", "codes", "produced", "passports", "marketed")
        table = Table(headings, [tuple(getattr(row, name) for name in headings) for row in makers])
    else:
        told = [(row.subject, row.type, row.purpose, row.set_, row.changed_at, row.reason) for row in changes]
        table = Table(("subject", "type", "purpose", "set", "changedAt", "reason"), told)
    return DeskPage(
        "completeness",
        f"{ROOT}/completeness",
        {
            "makers": makers[:_SHOWN],
            "maker_total": len(makers),
            "models": [(row, names.actor(row.issuer), _of_regimes(row, codes, names)) for row in models],
            "regimes": [(regime.code, names.say(regime.label)) for regime in here.regimes],
            "whole": sum(all(not count.missing for count in row.regimes.values()) for row in models),
            "on": on,
            "on_name": day_text(on, visitor.language),
            "produced": produced,
            "passports": passports,
            "changes": [(names.day(datetime.fromisoformat(row.changed_at)), names.pack(row.subject), row)
                        for row in changes[:_SHOWN]],
            "silent": silent,
        },
        table=table,
        query={"on": str(on)},
    )  # fmt: skip


_PACK_HEADINGS = ("pack", "batch", "regime", "due", "given", "missing")


@route("/completeness/packs", sees_all=True)
def desk_pack_completeness(visitor: Visitor) -> DeskPage:
    """The packs of a model, each judged with its batch by the obligations of a day, a page at a time."""
    here, names = services(), page_names(visitor)
    model, after, on = chosen("model", 500) or "", chosen("after", 500) or "", chosen_day("on") or visitor.at.date()
    listed = packs_of_model(here.store, model, after, _SHOWN + 1)
    if not listed:
        raise NotFound
    rows = list(by_pack(here.store, here.regimes, listed[:_SHOWN], _due(visitor)))
    codes = [regime.code for regime in here.regimes]
    return DeskPage(
        "completeness_packs",
        f"{ROOT}/completeness/packs",
        {
            "model": model,
            "rows": [(row, _of_regimes(row, codes, names)) for row in rows],
            "regimes": [(regime.code, names.say(regime.label)) for regime in here.regimes],
            "whole": sum(all(not count.missing for count in row.regimes.values()) for row in rows),
            "on": on,
            "on_name": day_text(on, visitor.language),
            "next": listed[_SHOWN - 1][2] if len(listed) > _SHOWN else None,
        },
        subject=model,
        elements=(f"on={on}",),
        table=Table(
            _PACK_HEADINGS,
            [(row.pack, row.batch, code, count.due, count.given, " ".join(count.missing))
             for row in rows for code, count in row.regimes.items()],
        ),
        query={"model": model, "after": after, "on": str(on)},
    )  # fmt: skip


@route("/overdue", sees_all=True)
def desk_overdue(visitor: Visitor) -> DeskPage:
    """Who owes reports, receipts or read-outs, by open alerts."""
    owing = debtors(desk().alerts.entries())
    return DeskPage(
        "overdue",
        f"{ROOT}/overdue",
        {
            "debtors": owing[:_SHOWN],
            "debtor_total": len(owing),
            "rules": OWED_RULES,
            "total": sum(sum(debtor.counts.values()) for debtor in owing),
        },
        table=Table(
            ("actor", *OWED_RULES, "oldestDeadline"),
            [(debtor.actor, *debtor.counts.values(),
              debtor.oldest.astimezone(CHINA).isoformat() if debtor.oldest else None) for debtor in owing],
        ),
    )  # fmt: skip


def _due(visitor: Visitor) -> Callable[[Regime], date]:
    """The day whose obligations count: the chosen one; else today, or the first day of a later regime."""
    day = chosen_day("on")
    return due_on(visitor.at.date()) if day is None else lambda regime: day


def _of_regimes(
    row: ModelCompleteness | PackCompleteness, codes: list[str], names: DeskNames
) -> list[tuple[int, int, list[str]] | None]:
    """Given, due and what is missing, in the order of the regimes; None where a regime does not apply."""
    indicators = services().vocabulary.indicators
    return [
        None
        if (count := row.regimes.get(code)) is None
        else (count.given, count.due, [names.say(indicators[name].label) for name in count.missing[:_MISSING]])
        for code in codes
    ]
