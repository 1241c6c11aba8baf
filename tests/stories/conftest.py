"""A small real world: an operator with a real key, a store in memory, a resolver in front, and a fixed clock."""

from __future__ import annotations

import shutil
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
from tests.remembered_stores import copy_of
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

    def copied(self, folder: Path) -> World:
        """The same with a store and a project folder of its own."""
        project = Project.open(shutil.copytree(self.project.folder, folder))
        return World(project, copy_of(self.store), self.now, dict(self.keys))


@pytest.fixture(scope="session")
def _empty_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("empty") / "operator"
    project = make_project(folder, BASE, names={"en": "Example Operator", "zh": "示例运营者"})
    return World(project, Store.open("sqlite://"))


@pytest.fixture(scope="session")
def _issued_world(_empty_world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[World, str]:
    """A world of the same operator with the EV pack, and its address."""
    world = _empty_world.copied(tmp_path_factory.mktemp("issued") / "operator")
    return world, world.issue("ev-ncm-100kwh.xlsx").of_kind("pack")[0].subject


@pytest.fixture
def world(_empty_world: World, tmp_path: Path) -> World:
    return _empty_world.copied(tmp_path / "operator")


@pytest.fixture
def ev(world: World, _empty_world: World, _issued_world: tuple[World, str]) -> str:
    """Address of the issued EV pack."""
    issued, address = _issued_world
    if world.project.issuer != issued.project.issuer or world.store.version() != _empty_world.store.version():
        return world.issue("ev-ncm-100kwh.xlsx").of_kind("pack")[0].subject
    world.store = copy_of(issued.store)
    return address
