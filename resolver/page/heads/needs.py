"""What a reader may need, by who they are: fire service, owner, buyer, repairer and recycler, inspector.

Each block has one line with the facts themselves and a few more behind it. A fact is the signed value of an entry, with
a link to it; or it says that the entry is restricted or not given, and where else to look. No advice that no source
backs.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from passport.reports.isolation import isolated
from passport.vocabulary.vocabulary import Category
from resolver.page import formatting as f
from resolver.page.context import PageContext
from resolver.page.indicators import value_cells
from resolver.page.indicators.sections import listed, not_asked
from resolver.page.indicators.states import Tally
from resolver.page.macros import CELLS
from resolver.page.view_model import ReaderBlock

Rows = Iterator[tuple[Markup, Markup]]


def needs(context: PageContext, tallies: tuple[Tally, ...], life_href: str | None) -> tuple[ReaderBlock, ...]:
    """The blocks, fire first.

    :param tallies: completeness per regime; :param life_href: the page of the pack's life, where it has one.
    """
    blocks = _Blocks(context, tallies, life_href)
    return (
        blocks.block("fire", blocks.fire_line(), blocks.fire()),
        blocks.block("owner", blocks.owner_line(), blocks.owner()),
        blocks.block("buyer", blocks.buyer_line(), blocks.buyer()),
        blocks.block("repair", blocks.repair_line(), blocks.repair()),
        blocks.block("inspect", blocks.inspect_line(), blocks.inspect()),
    )


class _Blocks:
    def __init__(self, context: PageContext, tallies: tuple[Tally, ...], life_href: str | None) -> None:
        self.context, self.words, self.claims = context, context.words, context.claims
        self.tallies, self.life_href = tallies, life_href
        self.listed = listed(context)

    def block(self, id_: str, line: Markup, rows: Rows) -> ReaderBlock:
        return ReaderBlock(id_, self.words(f"need-{id_}"), line, tuple(rows))

    # --- the facts ---------------------------------------------------------------------------------------------------

    def text(self, id_: str) -> Markup | None:
        """A value as it is read in a sentence; None where this reader has none."""
        if id_ not in self.claims:
            return None
        value = self.claims[id_]
        if id_ == "batteryChemistry":
            short = value.get("chemistryShortName") if isinstance(value, dict) else None
            return isolated(short) if isinstance(short, str) else None
        indicator = self.context.here.vocabulary.indicators[id_]
        values = value if isinstance(value, list) else [value]
        shown = [value_cells.render(indicator, each, self.words).html for each in values]
        return self.words.join([each for each in shown if "<p" not in each]) or None

    def entry(self, *ids: str) -> Rows:
        """A row for each entry that there is, or that is kept from this reader."""
        for id_ in ids:
            indicator = self.context.here.vocabulary.indicators[id_]
            if id_ not in self.listed:
                continue
            name = isolated(CELLS.link(f"#{id_}", self.words.say(indicator.in_text)))
            if id_ in self.claims:
                cell = value_cells.render(indicator, self.claims[id_], self.words)
                yield name, cell.html
            elif id_ not in self.context.readable and self.context.concerns(indicator):
                yield name, self.words("need-restricted" if self.context.asked.reader is None else "need-closed")

    def range(self, low: str, high: str, key: str) -> Rows:
        if low in self.claims and high in self.claims:
            unit = self.context.here.vocabulary.indicators[high].unit
            value = self.words(
                "range", low=self.words.number(self.claims[low]),
                high=f.quantity(self.claims[high], unit, self.words.language),
            )  # fmt: skip
            yield self.words(key), value

    def sentences(self, *parts: Markup | None) -> Markup:
        return self.words.space.join(part for part in parts if part)

    def said(self, key: str, **ids: str) -> Markup | None:
        """A sentence with values of entries; None where one of them is not there."""
        values = {name: self.text(id_) for name, id_ in ids.items()}
        if any(value is None for value in values.values()):
            return None
        return self.words(key, **values)

    # --- fire or damage ----------------------------------------------------------------------------------------------

    def fire_line(self) -> Markup:
        agent = self.said("need-fire-agent", agent="extinguishingAgent") or self.words("need-fire-none")
        return self.sentences(agent, self.said("need-fire-volts", volts="maximumVoltage"))

    def fire(self) -> Rows:
        yield from self.range("minimumVoltage", "maximumVoltage", "voltage-range")
        yield from self.entry("batteryChemistry")
        yield from self.dangers()
        yield from self.entry("batteryMass", "batteryDimensions", "wasteBatterySafetyInstructions")
        if self.context.category is Category.EV:
            yield self.words("need-cut"), self.words("need-cut-text")

    def dangers(self) -> Rows:
        """The hazardous substances by name, each with its dangers in the reader's language."""
        entries = self.claims.get("hazardousSubstances")
        field = next(
            (each for each in self.context.here.vocabulary.indicators["hazardousSubstances"].fields
             if each.term == "hazardClass"), None,
        )  # fmt: skip
        lines = []
        for entry in entries if isinstance(entries, list) else []:
            if not isinstance(entry, dict) or field is None:
                continue
            classes = entry.get("hazardClass")
            codes = [code for code in (classes if isinstance(classes, list) else [classes]) if isinstance(code, str)]
            named = [field.enumeration.in_text(code, self.words.language) for code in codes if field.enumeration]
            name = value_cells.substance(entry, self.words)
            lines.append(self.words("need-danger", substance=name, dangers=self.words.pause.join(named)))
        if lines:
            label = str(self.words("need-dangers"))
            linked = "hazardousSubstances" in self.listed
            yield (
                isolated(CELLS.link("#hazardousSubstances", label) if linked else label),
                isolated(CELLS.bullets(lines)),
            )

    # --- owner -------------------------------------------------------------------------------------------------------

    def owner_line(self) -> Markup:
        cycles = self.said(
            "need-owner-life", cycles="expectedNumberOfCycles", threshold="capacityThresholdForExhaustion"
        ) or self.said("need-owner-cycles", cycles="expectedNumberOfCycles")
        warranty = self.said("need-owner-warranty", months="warrantyPeriod") or self.words("need-owner-none")
        return self.sentences(warranty, cycles)

    def owner(self) -> Rows:
        yield from self.range("idleTemperatureLowerBoundary", "idleTemperatureUpperBoundary", "idle-range")
        yield from self.entry("expectedLifetimeYears", "collectionAndTreatmentInformation")
        yield from self.entry("separateCollectionInformation", "wastePreventionInformation", "instructionsForUse")
        yield from self.entry("manufacturerContact")

    # --- buyer -------------------------------------------------------------------------------------------------------

    def buyer_line(self) -> Markup:
        for key, id_ in (("need-buyer-soce", "stateOfCertifiedEnergy"), ("need-buyer-capacity", "remainingCapacity")):
            if (line := self.said(key, value=id_)) is not None:
                return line
        return self.words("need-buyer-model" if self.context.is_model else "need-buyer-ask")

    def buyer(self) -> Rows:
        yield from self.entry("stateOfCertifiedEnergy", "numberOfFullCycles", "negativeEvents", "accidentInformation")
        yield from self.entry("manufacturingDate", "placingOnMarketDate", "previousPassport")
        if self.life_href and self.context.asked.token is None:
            yield self.words("need-history"), isolated(CELLS.link(self.life_href, str(self.words("life-link"))))
        if not self.context.asked.reader:
            yield self.words("need-ask"), self.words("need-ask-text")

    # --- repairer, recycler ------------------------------------------------------------------------------------------

    def repair_line(self) -> Markup:
        manuals = "need-repair-open" if "disassemblyManual" in self.claims else "need-repair-closed"
        return self.sentences(
            self.said("need-repair-facts", chemistry="batteryChemistry", volts="nominalVoltage"), self.words(manuals)
        )

    def repair(self) -> Rows:
        yield from self.entry("batteryMass", "componentMass")
        yield from self.range("minimumVoltage", "maximumVoltage", "voltage-range")
        yield from self.entry(
            "removalManual", "disassemblyManual", "safetyMeasures", "componentPartNumbers", "sparePartSources",
            "detailedComposition", "collectionAndTreatmentInformation",
        )  # fmt: skip

    # --- inspector ---------------------------------------------------------------------------------------------------

    def counted(self, tally: Tally) -> Markup:
        name = self.context.regime_name(tally.regime.code)
        if tally.since:
            date = f.time_element(tally.since, self.words.language)
            return self.words("need-due-later", regime=name, present=tally.present, all=tally.due, date=date)
        return self.words("need-due", regime=name, present=tally.present, all=tally.due)

    def inspect_line(self) -> Markup:
        return self.sentences(*map(self.counted, self.tallies)) or self.words("need-due-none")

    def inspect(self) -> Rows:
        yield from self.entry(
            "euDeclarationOfConformity", "euDeclarationOfConformityId", "testReportResults", "thirdPartyAssurances",
            "dueDiligenceReport", "registrationIdentifier", "facilityIdentifier",
        )  # fmt: skip
        idle = not_asked(self.context)
        if idle:
            yield self.words("need-not-asked"), self.words("need-not-asked-text", n=idle)
        yield self.words("need-machine"), self.words("need-machine-text", href=self.context.form("vp"))
