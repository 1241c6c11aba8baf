"""The passport page: everything that the template lays out, decided here.

A page shows one view, which holds nothing but what its reader may read. The order is the vocabulary's; which entries
there are and in which state follows from the ontology's audiences and the regimes' obligations (``states``), never from
what happens to be in the store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from markupsafe import Markup, escape

from passport.battery import access
from passport.battery.identifier import TractionBatteryCode
from passport.battery.vocabulary import (
    Audience,
    Carrier,
    Category,
    Dimension,
    Indicator,
    Obligation,
    Regime,
    Stage,
)
from passport.credentials.result import VerificationResult
from passport.credentials.verifier import Verifier
from passport.errors import PassportError
from passport.exchange import qr
from passport.identity.did import DidResolver
from passport.presenter import CONDITION, MODEL, PASSPORT, PassportView
from resolver.access import ROLE
from resolver.page import charts, values
from resolver.page import formatting as f
from resolver.page.entries import Entries
from resolver.page.lifecycle import Happening, life
from resolver.page.states import Decision, State, decide, tally
from resolver.page.trust import Trust, trust
from resolver.page.view_model import Download, Fold, Group, Page, PageRequest, Row, Section, Switch
from resolver.page.wording import AUDIENCES, CATEGORIES, SECTIONS, Words

if TYPE_CHECKING:
    from resolver.app import Services

#: A passport is written for the moment when the battery is made; later stages show in its events.
AT_STAGE = Stage.PRODUCTION
#: From so many on, entries that say nothing today are folded away.
_FOLD_FROM = 3
_ABOUT_PACK = (Carrier.PASSPORT, Carrier.CONDITION, Carrier.EVENT)


def build_page(view: PassportView, asked: PageRequest, here: Services) -> Page:
    """The page of ``view`` in the language and under the rules asked for."""
    return _Builder(view, asked, here).page()


def one_language(text: str, language: str) -> tuple[str, str | None]:
    """A name as signed, ``Example Co., Ltd. (示例有限公司)``, as the name in one language and the one in the other."""
    head, bracket, tail = text.partition(" (") if text.endswith(")") else text.partition("（")
    tail = tail.rstrip(")）")
    if not bracket or _chinese(head) == _chinese(tail):
        return text, None
    return (tail, head) if _chinese(head) != (language == "zh") else (head, tail)


def _chinese(text: str) -> bool:
    return any("\u3400" <= character <= "\u9fff" for character in text)


class _Builder:
    def __init__(self, view: PassportView, asked: PageRequest, here: Services) -> None:
        self.view = view
        self.asked = asked
        self.here = here
        self.words = Words(asked.language)
        self.today: date = asked.at.date()
        self.claims: Mapping[str, Any] = view.claims
        self.is_model = view.subject == view.model
        self.right = asked.reader.right if asked.reader else Audience.PUBLIC
        self.readable = access.readable(here.vocabulary, self.right, policy=here.config.access_policy)
        self.category = _category(self.claims)
        applicable = tuple(r for r in here.regimes if self.category and r.applies_to(self.category))
        self.applicable = applicable or here.regimes
        chosen = tuple(regime for regime in self.applicable if regime.code == asked.regime)
        self.shown = chosen or self.applicable
        condition = view.credential(CONDITION)
        self.entries = Entries(
            self.claims,
            view.subject,
            condition["credentialSubject"] if condition else {},
            here.config.access_policy,
            self.words,
            tuple(regime.code for regime in self.shown),
            self.regime_name,
        )

    @property
    def life_in(self) -> str:
        """The section that tells the life of the pack: with its condition, else with the records of its life."""
        return "dynamic" if self.view.credential(CONDITION) else "traceability"

    # --- the whole --------------------------------------------------------------------------------------------------

    def page(self) -> Page:
        words, here = self.words, self.here
        sections = tuple(s for s in (self.section(d) for d in here.vocabulary.dimensions.values()) if s)
        name = str(self.claims.get("batteryModelIdentifier") or self.view.model.rsplit("/", 1)[-1])
        serial = self.serial()
        key = "title-model" if self.is_model else "title"
        short = f"…{serial[-4:]}" if serial and len(serial) > 6 else serial or ""
        file = f"{file_name(serial or name)}.passport.jsonld"
        path = self.path()
        toc = [(section.id, section.title) for section in sections]
        toc += [("downloads", str(words("downloads")))]
        if self.asked.reader is None:
            toc += [("ask", str(words("ask-short")))]
        elif self.asked.token:
            toc += [("another", str(words("another")))]
        return Page(
            title=words(key, name=name, serial=short),
            name=name,
            subject=self.view.subject,
            is_model=self.is_model,
            maker=self.maker(),
            facts=self.facts(),
            code=self.code(),
            serial=serial,
            qr=self.qr(),
            trust=self.trust(),
            check_file=file,
            saved_href=f"{path}?format=vp",
            regimes=self.regime_switch(),
            languages=self.language_switch(),
            regime_note=self.regime_note(),
            sections=sections,
            columns=tuple(regime.code for regime in self.shown),
            downloads=self.downloads(path, file),
            role=self.role(),
            opened=self.opened(),
            role_issuers=self.role_issuers(),
            token_url=f"{here.config.base_url}/token",
            minutes=here.config.token_lifetime // 60,
            contact=self.contact(),
            served=self.served(),
            path=path,
            present_href=f"{here.config.root}/present?" + urlencode(
                {"lang": words.language, "passport": self.view.subject}
            ),
            token=self.asked.token,
            until=f.clock(self.asked.reader.until, words.language) if self.asked.reader else "",
            toc=tuple(toc),
        )

    def served(self) -> Markup:
        at = f.moment(self.asked.at, self.words.language)
        reader = self.asked.reader
        if reader is None:
            return self.words("served", at=at)
        return self.words("served-role", at=at, holder=f.did(reader.holder), token=reader.token_id)

    def contact(self) -> str | None:
        """Where to write: the operator who is responsible, else the maker."""
        for id_ in ("operatorInformation", "manufacturerContact"):
            entry = self.claims.get(id_)
            if isinstance(entry, dict) and isinstance(entry.get("email"), str):
                return entry["email"]
        return None

    # --- header -----------------------------------------------------------------------------------------------------

    def maker(self) -> Markup:
        words = self.words
        kind = words.of(CATEGORIES, self.category.value) if self.category else ""
        text = str(self.claims.get("manufacturerName", ""))
        name, other = one_language(text, words.language)
        line = words("maker-line", category=kind, maker=name) if name else escape(kind)
        if other:
            line += Markup(' <span lang="{}" class="m nb">{}</span>').format(words.other, other)
        return line

    def facts(self) -> tuple[tuple[Markup, Markup], ...]:
        shown = (
            ("energy", "ratedEnergy"), ("capacity", "ratedCapacity"), ("voltage", "nominalVoltage"),
            ("mass", "batteryMass"), ("made", "manufacturingDate"),
        )
        indicators = self.here.vocabulary.indicators
        return tuple(
            (self.words(key), values.render(indicators[id_], self.claims[id_], self.words).html)
            for key, id_ in shown
            if id_ in self.claims
        )

    def serial(self) -> str | None:
        return None if self.is_model else str(self.claims.get("serialNumber") or self.view.subject.rsplit("/", 1)[-1])

    def code(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """The GB/T 34014 code cut into its parts, in two lines that break where the GTIN's part ends."""
        words = self.words
        try:
            code = TractionBatteryCode.parse(str(self.claims["packTractionBatteryCode"]), lenient=True)
        except (KeyError, PassportError):
            return ()
        day = code.production_date
        made = day.isoformat() if words.language == "zh" else f.day(day, "en")
        design = (
            (code.manufacturer, words("code-maker")), (code.product_type, words(f"type-{code.product_type}")),
            (code.battery_type, words(f"kind-{code.battery_type}")),
            (code.specification, words("code-specification")),
        )
        item = [(code.date_characters, made), (code.serial, words("code-serial"))]
        if code.traceability:
            item.insert(0, (code.traceability, words("code-traceability")))
        if code.second_life:
            item.append((f"R{code.second_life}", words("code-second-life")))
        return tuple(tuple((text, str(caption)) for text, caption in group) for group in (design, item))

    def qr(self) -> Markup:
        """The symbol of this very address, black on white in both colour schemes."""
        rows = qr.matrix(self.view.subject, "Q")
        side, marks = len(rows), []
        # A stroke one module high along the middle of each row: a third of the text that outlines take.
        for y, row in enumerate(rows):
            pen, x = 0, 0
            line = []
            while x < side:
                end = x
                while end < side and row[end] == row[x]:
                    end += 1
                if row[x]:
                    line.append(f"{f'm{x - pen} 0' if line else f'M{x} {y}.5'}h{end - x}")
                    pen = end
                x = end
            marks += line
        return Markup(
            '<svg viewBox="0 0 {0} {0}" role=img aria-label="{1}" shape-rendering=crispEdges>'
            '<path fill=#fff d="M0 0h{0}v{0}H0z"/><path d="{2}" stroke=#000 /></svg>'
        ).format(side, self.words("qr"), "".join(marks))

    @cached_property
    def verification(self) -> VerificationResult:
        trust_list = self.here.config.trust_list
        verifier = Verifier(trust_list, DidResolver(trust_list.did_documents()))
        return verifier.verify(self.view.presentation(), at=self.asked.at)

    def trust(self) -> Trust:
        here, result = self.here, self.verification
        tallies = []
        for regime in self.applicable:
            duties = {
                id_: duty for id_, duty in self.duties(regime).items() if not self.is_model or self.of_model(id_)
            }
            tallies.append(
                tally(
                    regime, duties, present=self.claims, readable=self.readable, on=self.today, at_stage=AT_STAGE
                )
            )
        return trust(
            result, here.config.trust_list, self.words, at=self.asked.at,
            tallies=[t for t in tallies if t.due], regimes=here.regimes, role=self.asked.reader is not None,
            model=self.is_model, condition="batteryStatus" in self.claims,
        )

    # --- switches ---------------------------------------------------------------------------------------------------

    def href(self, **changes: str | None) -> str:
        query = {"lang": self.words.language, "regime": self.asked.regime if len(self.shown) == 1 else None, **changes}
        # A page that was posted stands at another address than its passport, so its forms name the passport.
        start = self.path() if self.asked.token else ""
        return f"{start}?" + urlencode({name: value for name, value in query.items() if value})

    def path(self) -> str:
        """Where this passport's page is on this site."""
        return self.here.config.root + "/passports" + self.view.subject.removeprefix(self.here.config.base_url)

    def regime_switch(self) -> tuple[Switch, ...]:
        if len(self.applicable) < 2:
            return ()
        single = self.shown[0].code if len(self.shown) == 1 else None
        switches = [
            Switch(self.regime_name(r.code), self.href(regime=r.code), r.code == single) for r in self.applicable
        ]
        return (*switches, Switch(str(self.words("both")), self.href(regime=None), single is None))

    def language_switch(self) -> tuple[Switch, ...]:
        names = {"en": "English", "zh": "中文"}
        return tuple(
            Switch(names[code], self.href(lang=code), code == self.words.language, code)
            for code in self.here.config.languages
        )

    def regime_note(self) -> Markup | None:
        wanted = {regime.code for regime in self.here.regimes} - {regime.code for regime in self.applicable}
        if self.asked.regime in wanted:
            return self.words("regime-not-asked", regime=self.regime_name(self.asked.regime))
        return None

    def regime_name(self, code: str) -> str:
        if self.words.has(code):
            return str(self.words(code))
        return next((r.label[self.words.language] for r in self.here.regimes if r.code == code), code)

    # --- sections ---------------------------------------------------------------------------------------------------

    def of_model(self, id_: str) -> bool:
        return self.here.vocabulary.indicators[id_].carrier.about_model

    def duties(self, regime: Regime) -> Mapping[str, Obligation]:
        return regime.obligations(self.category) if self.category else {}

    def section(self, dimension: Dimension) -> Section | None:
        decided = [(i, d) for i, d in self.decisions(dimension) if d is not None]
        live = [(i, d) for i, d in decided if d.state is not State.NOT_APPLICABLE]
        if not live:
            return None
        title, other = self.section_names(dimension)
        if all(d.state is State.RESTRICTED for _, d in live) and dimension.id in ("dynamic", "traceability"):
            intro = self.words(f"{dimension.id}-restricted", number=len(live))
            names = self.groups(live, lambda indicator, _: self.name_only(indicator))
            return Section(dimension.id, title, other, intro=intro, names=names)
        role = self.asked.reader is not None
        waiting = [(i, d) for i, d in live if d.state is State.NOT_YET_DUE]
        fold_waiting = len(waiting) >= _FOLD_FROM
        rest = [(i, d) for i, d in live if not (fold_waiting and d.state is State.NOT_YET_DUE)]
        # A reader with a role came for what it opens; the public part folds. A fault is never folded away.
        public = [
            (i, d) for i, d in rest if role and Audience.PUBLIC in i.audiences and d.state is not State.MISSING
        ]
        folded = {i.id for i, _ in public}
        shown = [(i, d) for i, d in rest if i.id not in folded]
        folds = []
        if public:
            folds.append(Fold(self.counted("public-part", len(public)), self.groups(public)))
        if fold_waiting:
            folds.append(Fold(self.words("more-not-due", number=len(waiting)), self.groups(waiting)))
        idle = [(i, d) for i, d in decided if d.state is State.NOT_APPLICABLE]
        if idle:
            folds.append(Fold(self.counted("more-not-applicable", len(idle)), self.groups(idle)))
        pending_beside_value = any(
            d.state is State.VALUE and any(w.kind == "pending" for w in d.waiting) for _, d in live
        )
        return Section(
            dimension.id, title, other,
            figures=self.figures(dimension, live),
            groups=self.groups(shown),
            folds=tuple(folds),
            life=self.life() if dimension.id == self.life_in else (),
            note=self.words("note-pending") if pending_beside_value and len(self.shown) > 1 else None,
        )

    def counted(self, key: str, number: int) -> Markup:
        return self.words(f"{key}-one") if number == 1 else self.words(key, number=number)

    def section_names(self, dimension: Dimension) -> tuple[str, str]:
        words = self.words
        if dimension.id in SECTIONS:
            en, zh = SECTIONS[dimension.id]
            return (en, zh) if words.language == "en" else (zh, en)
        return dimension.label[words.language], dimension.label[words.other]

    def decisions(self, dimension: Dimension) -> Iterable[tuple[Indicator, Decision | None]]:
        for indicator in self.here.vocabulary.indicators.values():
            if indicator.dimension.id != dimension.id or indicator.personal_data:
                continue
            if self.is_model and indicator.carrier in _ABOUT_PACK:
                continue
            duties = tuple(
                (regime, self.duties(regime)[indicator.id])
                for regime in self.shown
                if indicator.id in self.duties(regime)
            )
            decision = decide(
                duties,
                present=indicator.id in self.claims,
                readable=indicator.id in self.readable,
                on=self.today,
                at_stage=AT_STAGE,
                alone=len(self.shown) == 1,
            )
            if decision and decision.state is State.VALUE and not duties and len(self.shown) < len(self.applicable):
                continue  # under the rules of one side: what only the other side knows is left out
            yield indicator, decision

    def groups(
        self, decided: Iterable[tuple[Indicator, Decision]], row: Callable[[Indicator, Decision], Row] | None = None
    ) -> tuple[Group, ...]:
        rows: dict[str, list[Row]] = {}
        titles: dict[str, str] = {}
        for indicator, decision in decided:
            titles[indicator.category.id] = indicator.category.label[self.words.language]
            rows.setdefault(indicator.category.id, []).append((row or self.entries.row)(indicator, decision))
        only = len(rows) == 1
        return tuple(Group(None if only else titles[id_], tuple(entries)) for id_, entries in rows.items())

    def name_only(self, indicator: Indicator) -> Row:
        return Row(indicator.id, indicator.label[self.words.language], Markup(""), "text", None, None, False)

    def figures(
        self, dimension: Dimension, live: Iterable[tuple[Indicator, Decision]]
    ) -> tuple[charts.Figure, ...]:
        """The pictures of a section, drawn from entries that the page shows with a value."""
        with_value = {i.id for i, d in live if d.state is State.VALUE}
        claims = {id_: value for id_, value in self.claims.items() if id_ in with_value}
        if dimension.id == "carbonFootprint":
            found = [charts.footprint(claims, self.words, f.number)]
        elif dimension.id == "materials":
            found = [charts.raw_materials(claims, self.words, f.number), self.recycled(claims)]
        elif dimension.id == "dynamic":
            found = [self.health(claims)]
        else:
            found = []
        return tuple(figure for figure in found if figure is not None)

    def recycled(self, claims: Mapping[str, Any]) -> charts.Figure | None:
        """Beside the least shares of the first regime shown that names any."""
        minima: dict[str, tuple] = {}
        for regime in self.shown if self.category else ():
            minima = {id_: found for id_ in claims if (found := regime.minima(id_, self.category))}
            if minima:
                break
        return charts.recycled(
            claims, self.words, f.number, minima=minima, on=self.today, day=lambda d: f.day(d, self.words.language)
        )

    def health(self, claims: Mapping[str, Any]) -> charts.Figure | None:
        """How the battery aged, over all its read-outs that this reader may see."""
        words = self.words
        drawn = next((id_ for id_ in ("stateOfCertifiedEnergy", "remainingCapacity") if id_ in claims), None)
        if drawn is None:
            return None
        others = [id_ for id_ in ("remainingUsableBatteryEnergy", "numberOfFullCycles") if id_ in claims]
        indicators, readings = self.here.vocabulary.indicators, []
        for document in self.here.presenter.read_outs(self.view.subject, self.right):
            subject = document["credentialSubject"]
            at, value = f.instant(subject.get("recordedAt")), charts.decimal(subject.get(drawn))
            if at is not None and value is not None:
                readings.append(
                    charts.Reading(at, value, tuple(f.number(subject.get(id_, "—")) for id_ in (drawn, *others)))
                )
        energy = drawn == "stateOfCertifiedEnergy"
        gap = "" if words.language == "zh" else f.NARROW
        limit = charts.decimal(self.claims.get("capacityThresholdForExhaustion")) if energy else None
        happened = [
            (at, str(entry.get("eventSeverity") and self.severity(entry) or ""))
            for entry in claims.get("negativeEvents", ())
            if isinstance(entry, dict) and (at := f.instant(entry.get("occurredAt")))
        ]
        return charts.over_time(
            readings, words,
            title=words("chart-soce" if energy else "chart-capacity"),
            note=words("chart-soce-note" if energy else "chart-capacity-note", number=len(readings)),
            unit=f"{gap}%" if energy else f"{f.NARROW}Ah",
            headings=(
                str(words("chart-read-on")),
                *(indicators[id_].label[words.language] + self.in_unit(id_) for id_ in (drawn, *others)),
            ),
            threshold=(limit, str(words("chart-threshold", value=f"{f.number(limit)}{gap}%"))) if limit else None,
            marks=[(at, text) for at, text in happened if text],
            day=lambda one: f.day(one, words.language), number=f.number,
        )

    def severity(self, entry: Mapping[str, Any]) -> str:
        """A negative event on the line, in the fewest words."""
        label = self.here.vocabulary.indicators["negativeEvents"].label[self.words.language]
        field = next(
            (x for x in self.here.vocabulary.indicators["negativeEvents"].fields if x.term == "eventSeverity"), None
        )
        code = field.enumeration.get(entry["eventSeverity"]) if field and field.enumeration else None
        return f"{label}: {code.label[self.words.language]}" if code else label

    def in_unit(self, id_: str) -> str:
        unit = self.here.vocabulary.indicators[id_].unit
        return f", {unit.symbol}" if unit and unit.symbol != "cycles" else ""

    def life(self) -> tuple[Happening, ...]:
        """The life of the pack, where the reader may see more of it than the public."""
        if self.asked.reader is None or self.is_model:
            return ()
        proved = {
            result.id: result.issuer for result in self.verification.credentials if result.check(2).passed
        }

        def signer(document: Mapping[str, Any]) -> str | None:
            did = proved.get(document["id"])
            issuer = self.here.config.trust_list.issuer(did) if did else None
            return issuer.named(self.words.language) if issuer else f.did(did) if did else None

        return life(self.view, self.here.vocabulary, self.words, signer=signer)

    # --- role, downloads --------------------------------------------------------------------------------------------

    def role(self) -> Mapping[str, Markup] | None:
        reader, words = self.asked.reader, self.words
        if reader is None:
            return None
        issuer = self.here.config.trust_list.issuer(reader.issuer)
        end = (
            words("role-end", date=f.time_element(reader.role_until.date(), words.language))
            if reader.role_until
            else ""
        )
        return {
            "line": words(
                "role-line",
                role=words.of(AUDIENCES, reader.audience.value),
                time=f.clock(reader.until, words.language),
            ),
            "detail": words(
                "role-detail",
                purpose=reader.purpose,
                issuer=issuer.named(words.language) if issuer else f.did(reader.issuer),
                end=end,
            ),
        }

    def opened(self) -> Markup | None:
        """What the role opens, as the first section: where the entries are that the public does not see."""
        if self.asked.reader is None:
            return None
        counts: dict[str, int] = {}
        for indicator in self.here.vocabulary.indicators.values():
            if indicator.id in self.claims and Audience.PUBLIC not in indicator.audiences:
                counts[indicator.dimension.id] = counts.get(indicator.dimension.id, 0) + 1
        if not counts:
            return self.words("opens-nothing")
        dimensions = self.here.vocabulary.dimensions
        links = [
            self.words("opens-one", id=id_, title=self.section_names(dimensions[id_])[0], number=number)
            for id_, number in counts.items()
        ]
        return self.words("opens-text", number=sum(counts.values()), list=self.words.join(links))

    def role_issuers(self) -> Markup:
        named = [
            escape(issuer.named(self.words.language))
            for issuer in self.here.config.trust_list.issuers
            if ROLE in issuer.trusted_for
        ]
        return self.words("ask-issuers", list=self.words.join(named)) if named else Markup("")

    def downloads(self, path: str, file: str) -> tuple[Download, ...]:
        words, root = self.words, self.here.config.root
        base = self.here.config.base_url
        if self.asked.reader is None:
            found = [Download(f"{path}?format=vp", words("saved-passport"), "JSON-LD", words("saved-note"), file)]
        elif self.asked.token:
            href = f"{path}?format=vp"
            found = [Download(href, words("saved-passport"), "JSON-LD", words("saved-post-note"), post=True)]
        else:
            found = [Download(None, words("saved-passport"), "JSON-LD", words("saved-role-note"))]
        for type_, key in ((MODEL, "cred-model"), (PASSPORT, "cred-passport")):
            document = self.view.credential(type_)
            if document is None:
                continue
            signed = f.instant(document.get("validFrom"))
            note = words("cred-signed", date=f.time_element(signed.date(), words.language)) if signed else Markup("")
            href = root + document["id"].removeprefix(base)
            found.append(Download(href, words(key), "JSON-LD", note, f"{key.removeprefix('cred-')}.vc.jsonld"))
        for document in self.view.status_lists:
            purpose = document["credentialSubject"].get("statusPurpose", "")
            note = words(f"purpose-{purpose}") if words.has(f"purpose-{purpose}") else Markup("")
            found.append(Download(root + document["id"].removeprefix(base), words("status-list"), "JSON-LD", note))
        return tuple(found)


def _category(claims: Mapping[str, Any]) -> Category | None:
    try:
        return Category(claims.get("batteryCategory"))
    except ValueError:
        return None


def file_name(text: str) -> str:
    """A name that is safe as a file name everywhere."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in text)[:60].strip("-")
    return safe or sha256(text.encode()).hexdigest()[:12]
