"""The read side: what one audience may see of one passport, still signed.

1. Public credentials go out byte for byte as they were signed.
2. A restricted credential is thinned to the whole indicators that the audience may read; with none left it is left out.
3. An event goes out whole, and only to a reader who may read every indicator in it; one that was replaced does not.
4. The status lists that these credentials name go with them, so that the saved passport can be checked offline.

The presenter holds no issuer key and never sees a base proof. What it hands out cannot prove that nothing else was
left out: anybody can thin a derived view further.

    presenter.present(subject, Audience.LEGITIMATE_INTEREST).presentation()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from passport.battery import access
from passport.battery.vocabulary import Audience, Vocabulary
from passport.credentials.issuer import presentation
from passport.errors import UnknownPassport
from passport.proofs import ecdsa_sd_2023
from passport.store import Store

MODEL = "BatteryModelCredential"
MODEL_DETAIL = "BatteryModelDetailCredential"
PASSPORT = "BatteryPassportCredential"
CONDITION = "BatteryConditionCredential"
EVENT = "BatteryEventCredential"

_NOT_INDICATORS = {"id", "type", "batteryModel", "recordedAt", "statusChangedAt", "lifecycleEvent"}


def mandatory_pointers(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What every view of a restricted credential shows, as JSON pointers, where present. (design, section 1.3)"""
    top = ("issuer", "validFrom", "validUntil", "credentialStatus")
    subject = document["credentialSubject"]
    return (
        *(f"/{key}" for key in top if key in document),
        *(f"/credentialSubject/{key}" for key in ("id", "recordedAt") if key in subject),
    )


@dataclass(frozen=True)
class PassportView:
    """One passport as one audience may see it.

    :ivar subject: IRI of the pack, or of the model where the address names no pack.
    :ivar model: IRI of the model.
    :ivar credentials: signed documents in the order model, model detail, passport, condition, events.
    :ivar status_lists: signed status list credentials that they refer to.
    """

    subject: str
    model: str
    audience: Audience
    credentials: tuple[dict, ...]
    status_lists: tuple[dict, ...]

    def credential(self, type_: str) -> dict | None:
        """The credential of that type in this view, or None where there is nothing in it for this reader."""
        return next((document for document in self.credentials if type_ in document["type"]), None)

    @property
    def claims(self) -> Mapping[str, Any]:
        """All disclosed indicators, as signed (JSON-LD form), by indicator id."""
        merged: dict[str, Any] = {}
        for document in self.credentials:
            for key, value in document["credentialSubject"].items():
                if key not in _NOT_INDICATORS:
                    merged[key] = value
        return merged

    def presentation(self) -> dict:
        """The saved passport: an unsigned verifiable presentation of credentials and status lists."""
        return presentation((*self.credentials, *self.status_lists))


class Presenter:
    """Composes views from the store."""

    def __init__(self, store: Store, vocabulary: Vocabulary, *, policy: str = "annex-xiii") -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._policy = policy

    def present(self, subject: str, audience: Audience) -> PassportView:
        """The view of the passport at ``subject`` (pack or model IRI) for ``audience``.

        :raises UnknownPassport: nothing is issued under that address.
        """
        pack = self._store.pack(subject)
        model = pack.model if pack else subject
        if pack is None and self._store.current(subject, MODEL) is None:
            raise UnknownPassport(f"no passport at {subject}")
        credentials = [*self._public(model, MODEL), *self._restricted(model, MODEL_DETAIL, audience)]
        if pack is not None:
            credentials += self._public(subject, PASSPORT)
            credentials += self._restricted(subject, CONDITION, audience)
            credentials += self._events(subject, audience)
        return PassportView(subject, model, audience, tuple(credentials), self._status_lists(credentials))

    def _public(self, subject: str, type_: str) -> list[dict]:
        stored = self._store.current(subject, type_)
        return [stored.document] if stored else []

    def _restricted(self, subject: str, type_: str, audience: Audience) -> list[dict]:
        stored = self._store.current(subject, type_)
        if stored is None:
            return []
        full_view = stored.document
        pointers = access.pointers(self._vocabulary, full_view, audience, policy=self._policy)
        if not pointers:
            return []
        return [ecdsa_sd_2023.thin(full_view, pointers, mandatory_pointers=mandatory_pointers(full_view))]

    def _events(self, subject: str, audience: Audience) -> list[dict]:
        readable = access.readable(self._vocabulary, audience, policy=self._policy)
        history = self._store.history(subject, EVENT)
        documents = [stored.document for stored in history if not self._store.is_flagged(stored.id)]
        return [
            document
            for document in documents
            if all(key in readable for key in document["credentialSubject"] if key not in _NOT_INDICATORS)
        ]

    def _status_lists(self, credentials: list[dict]) -> tuple[dict, ...]:
        numbers = {
            int(entry["statusListCredential"].rsplit("/", 1)[1])
            for document in credentials
            for entry in document.get("credentialStatus", [])
        }
        lists = (self._store.status_list(number) for number in sorted(numbers))
        return tuple(document for document in lists if document is not None)
