"""What a company offers, and the catalogue of it (DCAT) that another company may see.

An offer is one dataset under one policy. Its identifier follows from both, so an agreement to it is an agreement to
these terms: an offer that is changed is another offer.

The file of a project, ``connector/offers.json``::

    {"offers": [{"name": "dismantling", "title": {"en": "Dismantling data", "zh": "…"}, "kind": "passport",
                 "audience": "legitimate-interest", "packs": ["https://…"],
                 "policy": {"roles": ["recycler"], "purposes": ["recycling"], "days": 90, "noOnwardTransfer": true}}]}
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from passport.connector import dataspace_messages as dsp
from passport.connector.usage_policy import Participant, UsagePolicy
from passport.errors import UnusableProject
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

#: How data is had: the consumer asks for it with a token. The only one that is offered.
PULL: Final = "HttpData-PULL"
_SETS = ("purposes", "roles", "countries")
_POLICY = frozenset({*_SETS, "until", "days", "noOnwardTransfer"})
_MEMBERS = frozenset({"name", "title", "kind", "audience", "packs", "file", "policy"})


class DataKind(StrEnum):
    """What is handed over."""

    PASSPORT = "passport"
    READ_OUTS = "read-outs"
    EVENTS = "events"
    RECORD_PART = "record-part"


@dataclass(frozen=True)
class DataOffer:
    """A dataset and the terms of its use.

    :ivar name: short name, unique in the project; :ivar title: by language.
    :ivar packs: addresses of packs whose data it is; :ivar file: of a supplier's part, from the project's folder.
    :ivar audience: code of the audience whose view is handed over.
    :ivar provider: DID of the company that offers.
    """

    name: str
    kind: DataKind
    policy: UsagePolicy
    provider: str
    title: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[str, ...] = ()
    audience: str = "public"
    file: str | None = None
    dataset_id: str | None = None
    offer_id: str | None = None

    @property
    def dataset(self) -> str:
        return self.dataset_id or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{self.provider}/{self.name}')}"

    @property
    def id(self) -> str:
        if self.offer_id is not None:
            return self.offer_id
        terms = jcs.canonicalize(
            [self.dataset, self.kind, sorted(self.packs), self.audience, self.file, self.terms()]
        ).decode()
        return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, terms)}"

    def terms(self) -> JsonObject:
        """The rules in ODRL, with the packs among them."""
        policy = self.policy
        if self.packs:
            policy = UsagePolicy(**{**vars(policy), "products": frozenset(self.packs)})
        return policy.to_odrl()

    def odrl(self, *, target: bool = False) -> JsonObject:
        """The offer, as in the catalogue, or as in a message, which names its target."""
        named = {"target": self.dataset} if target else {}
        return {"@type": "Offer", "@id": self.id, **named, **self.terms()}

    def visible_to(self, peer: Participant, at: datetime) -> bool:
        """Whether this company could agree to it at all."""
        return next(self.policy.refusals(peer, at=at), None) is None

    def described(self, service: str, address: str) -> JsonObject:
        """The dataset in DCAT."""
        titles = [{"@language": language, "@value": text} for language, text in sorted(self.title.items())]
        access = {"@id": service, "@type": "DataService", "endpointURL": address}
        return {
            "@id": self.dataset,
            "@type": "Dataset",
            **({"http://purl.org/dc/terms/title": titles} if titles else {}),
            "hasPolicy": [self.odrl()],
            "distribution": [{"@type": "Distribution", "format": PULL, "accessService": access}],
        }


def catalogue(
    offers: Iterable[DataOffer], peer: Participant, *, provider: str, address: str, at: datetime
) -> JsonObject:
    """The catalogue of those offers that this company could agree to."""
    service = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, address)}"
    datasets = [offer.described(service, address) for offer in offers if offer.visible_to(peer, at)]
    return {
        "@context": [dsp.CONTEXT],
        "@id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{provider}/catalogue')}",
        "@type": "Catalog",
        "participantId": provider,
        **({"dataset": datasets} if datasets else {}),
        "service": [{"@id": service, "@type": "DataService", "endpointURL": address}],
    }


def read_offers(document: Any, provider: str) -> tuple[DataOffer, ...]:
    """The offers of a project's file.

    :raises UnusableProject: the file is malformed.
    """
    if not isinstance(document, dict) or set(document) != {"offers"} or not isinstance(document["offers"], list):
        raise _unusable(Message("an object with a list of offers"))
    offers = tuple(_offer(entry, provider) for entry in document["offers"])
    if len({offer.name for offer in offers}) != len(offers):
        raise _unusable(Message("each name once"))
    return offers


def _offer(entry: Any, provider: str) -> DataOffer:
    if not isinstance(entry, dict) or not {"name", "kind", "policy"} <= set(entry) <= _MEMBERS:
        raise _unusable(", ".join(sorted(_MEMBERS)))
    packs, title, policy = entry.get("packs", []), entry.get("title", {}), entry["policy"]
    texts = [entry["name"], entry.get("audience", "public"), entry.get("file", "-"), *_texts(packs)]
    if not isinstance(title, dict) or not all(isinstance(text, str) and text for text in (*texts, *title.values())):
        raise _unusable(Message("texts"))
    if entry["kind"] not in list(DataKind):
        raise _unusable(", ".join(DataKind))
    if (entry["kind"] == DataKind.RECORD_PART) != ("file" in entry) or bool(packs) == ("file" in entry):
        raise _unusable(Message("packs, or the file of a supplier's part"))
    return DataOffer(
        entry["name"], DataKind(entry["kind"]), _policy(policy), provider, title, tuple(packs),
        entry.get("audience", "public"), entry.get("file"),
    )  # fmt: skip


def _policy(value: Any) -> UsagePolicy:
    if not isinstance(value, dict) or not set(value) <= _POLICY:
        raise _unusable(", ".join(sorted(_POLICY)))
    days, until = value.get("days"), value.get("until")
    if not isinstance(days, int | None) or isinstance(days, bool) or (days is not None and not 0 < days < 10_000):
        raise _unusable(Message("a number of days"))
    if not isinstance(value.get("noOnwardTransfer", False), bool):
        raise _unusable("true, false")
    instant = None
    if until is not None:
        try:
            instant = datetime.fromisoformat(until)
        except (TypeError, ValueError):
            instant = None
        if instant is None or instant.tzinfo is None:
            raise _unusable(Message("a time with its zone"))
    sets = {name: frozenset(_texts(value.get(name, []))) for name in _SETS}
    return UsagePolicy(**sets, until=instant, days=days, no_onward=value.get("noOnwardTransfer", False))


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) and each for each in value):
        raise _unusable(Message("a list of texts"))
    return value


def _unusable(expected: str) -> UnusableProject:
    return UnusableProject(Message("the file of offers is wrong"), expected=expected)
