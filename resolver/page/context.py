"""The context of a page: its passport, reader, language and regimes, the same for all parts of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from passport.attestation.attested_standing import AttestedStanding, AttestedValue, attested, by_indicator
from passport.battery.identifiers.address import parse_iri
from passport.battery.privacy import rights
from passport.belonging import passport_verifier
from passport.credentials.verification_result import VerificationResult
from passport.identity.did import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.presenting.attestations import attestations_beside, beside
from passport.presenting.presenter import PassportView
from passport.presenting.standing import Standing, standings
from passport.vocabulary.credential_types import CONDITION
from passport.vocabulary.vocabulary import (
    Audience,
    Carrier,
    Category,
    Dimension,
    Indicator,
    Obligation,
    Regime,
    Stage,
)
from resolver.page.indicators.states import StateDecision
from resolver.page.view_model import PageRequest
from resolver.page.wording import Words
from resolver.services import Services

#: A passport is written for the moment when the battery is made; later stages show in its events.
AT_STAGE = Stage.PRODUCTION


class PageContext:
    """One view, one reader, one language.

    :ivar claims: what the view holds, by indicator id.
    :ivar readable: the indicators that this reader may see, whether or not there is a value.
    :ivar grain: ``model``, ``batch`` or ``pack``; :ivar is_model: True where the page is of no single battery.
    :ivar applicable: the regimes that ask something of this kind of battery; :ivar shown: those that the reader chose.
    """

    def __init__(self, view: PassportView, page_request: PageRequest, here: Services) -> None:
        self.view = view
        self.asked = page_request
        self.here = here
        self.words = Words(page_request.language)
        self.claims: Mapping[str, Any] = view.claims
        self.grain = view.grain
        self.is_model = view.grain != "pack"
        self.right = page_request.reader.right if page_request.reader else Audience.PUBLIC
        self.readable = rights.readable(here.vocabulary, self.right, policy=here.config.access_policy)
        self.category = _category(self.claims)
        applicable = tuple(r for r in here.regimes if self.category and r.applies_to(self.category))
        self.applicable = applicable or here.regimes
        chosen = tuple(regime for regime in self.applicable if regime.code == page_request.regime)
        self.shown = chosen or self.applicable
        #: The entries by section, filled by :func:`resolver.page.indicators.sections.decisions`.
        self.decided: dict[str, list[tuple[Indicator, StateDecision]]] = {}

    @cached_property
    def verification(self) -> VerificationResult:
        """What the verifier says of this very view, with the trust list of this site."""
        return self._verified(self.view.presentation())

    def _verified(self, document: JsonObject) -> VerificationResult:
        trust_list = self.here.config.trust_list
        verifier = passport_verifier(trust_list, DidResolver(trust_list.did_documents()))
        return verifier.verify(document, at=self.asked.at, about=self.view.subject)

    @cached_property
    def attested(self) -> Mapping[str, tuple[AttestedValue, ...]]:
        """The attestations of each value, by indicator id, those that fit first. Empty where there are none.

        On the page of an earlier version only those that fit: what a later attestation says is about later values.
        """
        more = attestations_beside(self.here.store, self.view, self.readable, self.asked.at, ended=True)
        if not more:
            return {}
        result = self._verified(beside(self.view, more))
        values = attested(result, self.here.config.trust_list)
        if self.asked.as_of:
            values = tuple(each for each in values if each.standing is AttestedStanding.FITS)
        return by_indicator(values)

    @cached_property
    def duty_day(self) -> date:
        """The day whose obligations apply: that of placing on the market, else the moment that was asked about."""
        try:
            return date.fromisoformat(str(self.claims["placingOnMarketDate"]))
        except (KeyError, ValueError):
            return self.asked.at.date()

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """What has become of this passport, the worst first."""
        newest: tuple[Mapping[str, Any], ...] = ()
        if self.asked.as_of and self.view.credential(CONDITION) is not None:
            newest = self.here.presenter.read_outs(self.view.subject, self.right, newest=1)
        return standings(self.here.store, self.view, newest_read_out=newest[-1] if newest else None)

    @property
    def path(self) -> str:
        """Where this passport's page is on this site."""
        return self.here.config.root + "/passports" + self.view.subject.removeprefix(self.here.config.base_url)

    @property
    def attestations_path(self) -> str:
        """Where all attestations of this passport are on this site."""
        return self.here.config.root + "/attestations" + self.view.subject.removeprefix(self.here.config.base_url)

    def href(self, **changes: str | None) -> str:
        """This page with other parameters."""
        regime = self.asked.regime if len(self.shown) == 1 else None
        names = "law" if self.asked.all_names else None
        query = {"lang": self.words.language, "regime": regime, "at": self.asked.as_of, "names": names, **changes}
        # A posted page has another address than its passport, so its forms name the passport.
        start = self.path if self.asked.token else ""
        return f"{start}?" + urlencode({name: value for name, value in query.items() if value})

    def form(self, name: str) -> str:
        """Where the same view of this passport is in another form."""
        return f"{self.path}?" + urlencode({"format": name, **({"at": self.asked.as_of} if self.asked.as_of else {})})

    def duties(self, regime: Regime) -> Mapping[str, Obligation]:
        """What a regime asks of this kind of battery."""
        return regime.obligations(self.category) if self.category else {}

    def concerns(self, indicator: Indicator) -> bool:
        """Whether an indicator is one of what the page is about. A model has those of a batch where it states them."""
        if indicator.carrier is Carrier.BATCH:
            return self.grain != "model" or indicator.id in self.claims
        return not self.is_model or indicator.carrier.about_model

    @property
    def batch(self) -> str | None:
        """The identifier of the batch, None where there is none."""
        return parse_iri(self.view.batch, self.here.config.base_url).batch if self.view.batch else None

    @property
    def batch_page(self) -> str:
        """Where the batch's page is on this site."""
        subject = (self.view.batch or "").removeprefix(self.here.config.base_url)
        return f"{self.here.config.root}/passports{subject}?" + urlencode({"lang": self.words.language})

    def regime_name(self, code: str) -> str:
        """A regime in one word, where there is one."""
        if self.words.has(code):
            return str(self.words(code))
        return next((self.words.say(r.label) for r in self.here.regimes if r.code == code), code)

    def section_name(self, dimension: Dimension) -> str:
        """A section in the reader's language."""
        return self.words.say(dimension.in_text)

    def in_text(self, enumeration: str, code: str) -> str:
        """A code as a sentence of this page names it."""
        return self.here.vocabulary.enumerations[enumeration].in_text(code, self.words.language)


def _category(claims: Mapping[str, Any]) -> Category | None:
    try:
        return Category(str(claims.get("batteryCategory")))
    except ValueError:
        return None
