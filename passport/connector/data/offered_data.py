"""What is handed over of a store: passports as an audience may see them, read-outs, events, a supplier's part.

* Nothing is derived that the audience of the offer could not read on the page; the presenter decides.
* To a company in another country, or in one that no trusted issuer names, each credential leaves as the release policy
  decides: whole, in part, or not at all. Without a policy nothing leaves.
  (:mod:`passport.battery.privacy.release_policy`)
* Events are handed over as they were signed, with what verifies them. No event leaves the country: an event holds no
  indicator that a policy could release.
* Of each credential that leaves the country, the log of exchanges names the policy, what left and what stayed. The data
  names nothing that stayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.battery.privacy.release_policy import (
    ReleaseDecision,
    ReleaseOutcome,
    ReleasePolicy,
    decide,
    release_entry,
)
from passport.connector.data.data_offer import DataKind, DataOffer
from passport.connector.exchange_process import ExchangeProcess
from passport.credentials.credential import types
from passport.credentials.issuer import presentation
from passport.errors import RefusedUsage, UnusableProject
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.pack_events import LARGEST_PAGE, event_page
from passport.presenting.presenter import Presenter
from passport.proofs import ecdsa_sd_2023
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience, Vocabulary

#: Packs of one offer, and bytes of a supplier's part.
MAX_PACKS = 100
_MAX_PART = 4_000_000
_STATUS_LIST = "BitstringStatusListCredential"


@dataclass(frozen=True)
class OfferedContent:
    """What a company gets of an offer.

    :ivar releases: of each credential that leaves the country, what the log says of it.
    """

    content: JsonObject
    releases: tuple[JsonObject, ...] = ()


@dataclass(frozen=True)
class OfferedData:
    """The data of a project's offers.

    :ivar country: where we are, ISO 3166-1; :ivar policy: what may leave it, or None.
    :ivar folder: of the project, with the files of suppliers' parts.
    """

    store: Store
    presenter: Presenter
    vocabulary: Vocabulary
    country: str | None
    policy: ReleasePolicy | None
    folder: Path

    def contents(self, offer: DataOffer, process: ExchangeProcess, at: datetime) -> OfferedContent:
        """What this company gets of an offer.

        :raises RefusedUsage: nothing of it may leave the country.
        :raises PassportError: a pack is unknown, or a file cannot be read.
        """
        abroad = self.country is None or process.participant.country != self.country
        if offer.kind is DataKind.RECORD_PART:
            part = self._part(offer)
            return self._released_part(part, at) if abroad else OfferedContent(part)
        audience = Audience(offer.audience)
        documents = [
            document for pack in offer.packs[:MAX_PACKS] for document in self._of_pack(offer.kind, pack, audience)
        ]
        # A model or list that several packs share goes once.
        once = list({strict_json.dumps(document): document for document in documents}.values())
        released = list(self._released(once, at)) if abroad else [(document, None) for document in once]
        leaving = [document for document, _ in released]
        if not any(_STATUS_LIST not in types(document) for document in leaving):
            raise RefusedUsage(Message("nothing of this data may leave the country"))
        return OfferedContent(presentation(leaving), tuple(entry for _, entry in released if entry is not None))

    def _of_pack(self, kind: DataKind, pack: str, audience: Audience) -> Iterable[JsonObject]:
        if kind is DataKind.EVENTS:
            return self._events(pack, audience)
        view = self.presenter.present(pack, audience)
        if kind is DataKind.PASSPORT:
            return (*view.credentials, *view.status_lists)
        return (*self.presenter.read_outs(pack, audience), *view.status_lists)

    def _events(self, pack: str, audience: Audience) -> Iterator[JsonObject]:
        """The signed events of a pack that an audience may read, with the accreditations of their actors."""
        after: int | None = 0
        while after is not None:
            page = event_page(self.store, pack, audience, after=after, limit=LARGEST_PAGE)
            yield from page.presentation()["verifiableCredential"] if page.rows else ()
            after = page.next

    def _released(
        self, documents: Iterable[JsonObject], at: datetime
    ) -> Iterator[tuple[JsonObject, JsonObject | None]]:
        """What leaves of each document, with what the log says of it; a status list has no indicator in it."""
        if self.policy is None:
            raise RefusedUsage(Message("nothing of this data may leave the country"))
        for document in documents:
            if _STATUS_LIST in types(document):
                yield document, None
                continue
            decision = decide(self.policy, self.vocabulary, document)
            if decision.outcome is ReleaseOutcome.NOTHING:
                continue
            whole = decision.outcome is ReleaseOutcome.WHOLE
            leaving = document if whole else ecdsa_sd_2023.thin(document, decision.pointers)
            body = strict_json.dumps(leaving)
            yield leaving, release_entry(self.policy, decision, document, body, at=at)

    def _part(self, offer: DataOffer) -> JsonObject:
        path = (self.folder / (offer.file or "")).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise UnusableProject(Message("{path} is outside of the project", path=path))
        try:
            part = strict_json.loads(path.read_bytes(), max_bytes=_MAX_PART)
        except OSError as error:
            raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error
        if not isinstance(part, dict):
            raise UnusableProject(Message("{path} cannot be read", path=path), expected=Message("a JSON object"))
        return part

    def _released_part(self, part: JsonObject, at: datetime) -> OfferedContent:
        """Of a record, the indicators that the policy releases; a key that is no indicator stays."""
        policy = self.policy
        released = {
            name: value
            for name, value in part.items()
            if policy is not None
            and (indicator := self.vocabulary.indicators.get(name)) is not None
            and policy.releases(indicator)
        }
        if policy is None or not released:
            raise RefusedUsage(Message("nothing of this data may leave the country"))
        withheld = tuple(name for name in part if name not in released)
        outcome = ReleaseOutcome.PART if withheld else ReleaseOutcome.WHOLE
        decision = ReleaseDecision(outcome, tuple(released), withheld)
        entry = release_entry(policy, decision, {"type": [DataKind.RECORD_PART]}, strict_json.dumps(released), at=at)
        return OfferedContent(released, (entry,))
