"""A small real world: an operator with a real key, a store in memory, a resolver in front, and a fixed clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.verifier import VerificationResult, Verifier
from passport.identity.keys import PrivateKey
from passport.presenting.presenter import PassportView, Presenter
from passport.project import Project
from passport.publishing.publisher import IssueReport, Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BASE = "https://passport.example.com"
FIRST_DAY = date(2027, 2, 18)


@dataclass
class World:
    """One operator, one store, one moment that only the test moves."""

    project: Project
    store: Store
    now: datetime = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
    keys: dict[str, PrivateKey] = field(default_factory=dict)

    @property
    def publisher(self) -> Publisher:
        regimes = tuple(vocabulary.regimes()[code] for code in self.project.regimes)
        issuer = self.project.issuer_with_key(None)
        return RememberingPublisher(self.store, issuer, BASE, vocabulary.load(), regimes)

    @property
    def presenter(self) -> Presenter:
        return Presenter(self.store, vocabulary.load())

    def records(self, workbook: str):
        return example_records(workbook)

    def issue(self, workbook: str, **options) -> IssueReport:
        return self.publisher.issue(self.records(workbook), at=self.now, **options)

    def scan(self, pack: str, audience: Audience = Audience.PUBLIC) -> PassportView:
        return self.presenter.present(pack, audience)

    def verify(self, document: dict, **options) -> VerificationResult:
        """As a verifier who has the operator's trust list and nothing else: no store, no network."""
        return Verifier(self.project.trust_list()).verify(document, at=self.now, **options)

    def grant(self, holder: PrivateKey, audience: Audience, packs: tuple[str, ...] = ()) -> dict:
        issuer = self.project.issuer_with_key(None)
        until = self.now + timedelta(days=30)
        return role_credential(
            self.project,
            issuer,
            holder.public_key.did_key,
            audience,
            "recycling",
            packs,
            self.now,
            until,
            store=self.store,
        )

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def world(tmp_path: Path) -> World:
    project = make_project(tmp_path / "operator", BASE, names={"en": "Example Operator", "zh": "示例运营者"})
    return World(project, Store.open("sqlite://"))


@pytest.fixture
def ev(world: World) -> str:
    """Address of the issued EV pack."""
    return world.issue("ev-ncm-100kwh.xlsx").of_kind("pack")[0].subject
