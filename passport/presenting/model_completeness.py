"""Completeness of passports by regime and day: what is due of a pack, and what signed documents of it give.

The documents are those of the pack, of its batch and of its model. One pack represents its model in :func:`by_model`;
:func:`by_pack` looks at each. Only what is mandatory and due counts; whether a condition applies, and whether values
are right, is for validation when a passport is issued.

    for row in by_model(store, regimes, models, on=due_on(today)):
        row.regimes["eu"].given, row.regimes["eu"].due, row.regimes["eu"].missing
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from passport.credentials import credential as vcdm
from passport.presenting.presenter import SignedDocuments
from passport.validation.obligations import is_due, spared
from passport.vocabulary.credential_types import BATCH, CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.regime import ObligationStatus, Regime
from passport.vocabulary.vocabulary import Category, Stage


@dataclass(frozen=True)
class RegimeCount:
    """:ivar due: how many indicators are mandatory and due; :ivar missing: ids of those that no document gives."""

    due: int
    missing: tuple[str, ...]

    @property
    def given(self) -> int:
        return self.due - len(self.missing)


@dataclass(frozen=True)
class ModelCompleteness:
    """:ivar packs: how many the model has here; :ivar sample: IRI of the pack that was looked at.

    :ivar issuer: DID of who issued its passport; :ivar regimes: by code; regimes that do not apply are left out.
    """

    model: str
    category: Category
    packs: int
    sample: str
    issuer: str
    regimes: Mapping[str, RegimeCount]


@dataclass(frozen=True)
class PackCompleteness:
    """:ivar pack: IRI; :ivar batch: IRI of the batch that its passport names.

    :ivar regimes: by code; regimes that do not apply are left out.
    """

    pack: str
    batch: str | None
    regimes: Mapping[str, RegimeCount]


def by_model(
    store: SignedDocuments,
    regimes: Iterable[Regime],
    models: Iterable[tuple[str, str, int, str]],
    on: Callable[[Regime], date],
) -> Iterator[ModelCompleteness]:
    """The completeness of each model.

    :param models: IRI, category, number of packs, and IRI of one pack.
    :param on: the day whose obligations count for a regime.
    """
    listed = tuple(regimes)
    for model, code, packs, sample in models:
        documents = _documents(store, model, sample)
        passport = documents.get(PASSPORT)
        if passport is None:
            continue
        category = Category(code)
        counts = _counts(documents, listed, category, on)
        yield ModelCompleteness(model, category, packs, sample, vcdm.issuer_id(passport), counts)


def by_pack(
    store: SignedDocuments,
    regimes: Iterable[Regime],
    packs: Iterable[tuple[str, str, str]],
    on: Callable[[Regime], date],
) -> Iterator[PackCompleteness]:
    """The completeness of each pack that has a passport.

    :param packs: IRI of the model, category, IRI of the pack.
    :param on: the day whose obligations count for a regime.
    """
    listed = tuple(regimes)
    for model, code, pack in packs:
        documents = _documents(store, model, pack)
        if PASSPORT in documents:
            batch = documents[PASSPORT]["credentialSubject"].get("batteryBatch")
            counts = _counts(documents, listed, Category(code), on)
            yield PackCompleteness(pack, batch if isinstance(batch, str) else None, counts)


def _counts(
    documents: Mapping[str, dict[str, Any]],
    regimes: Iterable[Regime],
    category: Category,
    on: Callable[[Regime], date],
) -> dict[str, RegimeCount]:
    subjects = [document["credentialSubject"] for document in documents.values()]
    return {
        regime.code: _count(regime, category, subjects, on(regime)) for regime in regimes if regime.applies_to(category)
    }


def _documents(store: SignedDocuments, model: str, sample: str) -> dict[str, dict[str, Any]]:
    wanted = [(sample, PASSPORT), (sample, CONDITION), (sample, EVENT), (model, MODEL), (model, MODEL_DETAIL)]
    documents = {
        type_: stored.document for subject, type_ in wanted if (stored := store.current(subject, type_)) is not None
    }
    batch = documents.get(PASSPORT, {}).get("credentialSubject", {}).get("batteryBatch")
    stored = store.current(batch, BATCH) if isinstance(batch, str) else None
    return documents if stored is None else {**documents, BATCH: stored.document}


def _count(regime: Regime, category: Category, subjects: list[dict[str, Any]], on: date) -> RegimeCount:
    given = {name for subject in subjects for name in subject}
    statuses = {str(subject["batteryStatus"]) for subject in subjects if "batteryStatus" in subject}
    energy = next((_number(subject["ratedEnergy"]) for subject in subjects if "ratedEnergy" in subject), None)
    due = [
        obligation.indicator
        for obligation in regime.obligations(category).values()
        if obligation.status is ObligationStatus.MANDATORY
        and is_due(obligation, on, Stage.PRODUCTION)
        and spared(obligation, statuses=statuses, energy=energy) is None
    ]
    return RegimeCount(len(due), tuple(name for name in due if name not in given))


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
