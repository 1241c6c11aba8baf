"""A small real site: an operator with a real key, three issued packs, a resolver in front of them, a clock to move."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache

from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher
from tests.url_builders import remember_builders

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
BASE = "https://passport.example.com"
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VP = {"Accept": "application/vp"}


class CompiledTemplates(BytecodeCache):
    """The templates of all the sites of a process, compiled once."""

    def __init__(self) -> None:
        self.code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.code:
            bucket.bytecode_from_string(self.code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledTemplates()
remember_builders()


@dataclass
class Operator:
    """The write side: what was issued, and the key that signs role credentials."""

    project: Project
    store: Store
    packs: dict[str, str]

    @property
    def issuer(self) -> Issuer:
        return self.project.issuer_with_key(None)

    def grant(
        self, holder: PrivateKey, code: Audience | str, packs: tuple[str, ...] = (), days: float = 30, **changes: Any
    ) -> dict:
        """A role credential for ``holder``; ``changes`` go into its subject before it is signed."""
        role = role_credential(
            self.project,
            self.issuer,
            holder.public_key.did_key,
            Audience(code),
            "recycling",
            packs,
            NOW,
            NOW + timedelta(days=days),
            store=self.store,
        )
        if changes:
            unsigned = {key: value for key, value in role.items() if key != "proof"}
            subject = {**unsigned["credentialSubject"], **changes}
            unsigned["credentialSubject"] = {key: value for key, value in subject.items() if value is not None}
            role = self.issuer.issue(unsigned, created=NOW)
        return role


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """The three example packs, issued once for all tests of the read side, which never writes to the store."""
    return make_operator(tmp_path_factory.mktemp("operator"))


def make_operator(folder: Path, *workbooks: str, url: str = "sqlite://") -> Operator:
    return operator_of(folder, BASE, *workbooks, url=url)


def operator_of(folder: Path, base: str, *workbooks: str, url: str = "sqlite://") -> Operator:
    """An operator whose passports are at ``base``."""
    project = make_project(folder / "project", base, names={"en": "Example Operator", "zh": "示例运营者"})
    store = Store.open(url)
    regimes = tuple(vocabulary.regimes().values())
    publisher = RememberingPublisher(store, project.issuer_with_key(None), base, vocabulary.load(), regimes)
    packs = {}
    for name in workbooks or ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike"):
        report = publisher.issue(example_records(f"{name}.xlsx"), at=NOW - timedelta(hours=1))
        packs[name.split("-")[0]] = report.of_kind("pack")[0].subject
    with store.transaction() as transaction:
        transaction.append_to_log(EVENTS, [bytes(32)])
    Log(store, EVENTS, log_name(base, EVENTS)).sign(KeySigner(PrivateKey.generate(Algorithm.ED25519)))
    return Operator(project, store, packs)


@dataclass
class Site:
    """The resolver, and what its visitors do."""

    operator: Operator
    app: Flask
    clock: list[datetime]
    holder: PrivateKey
    roles: dict[tuple, dict] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client(use_cookies=False)

    @property
    def ev(self) -> str:
        return self.operator.packs["ev"]

    @property
    def state(self):
        return self.app.extensions["resolver"].state

    @property
    def presenter(self) -> Presenter:
        return self.app.extensions["resolver"].presenter

    def later(self, **delta: float) -> None:
        self.clock[0] += timedelta(**delta)

    def path(self, subject: str) -> str:
        return "/passports" + subject.removeprefix(BASE)

    def get(self, subject: str, headers: dict | None = None, **options: Any):
        return self.client.get(self.path(subject), headers=headers or {}, **options)

    def challenge(self) -> str:
        return self.client.get("/token").json["challenge"]

    def presentation(
        self, role: dict, *, key: PrivateKey | None = None, challenge: str | None = None, domain: str = BASE
    ) -> dict:
        key = key or self.holder
        return Issuer(key.public_key.did_key, KeySigner(key)).present(
            [role], challenge=challenge or self.challenge(), domain=domain, created=self.clock[0]
        )

    def ask(self, presentation: Any, **more: Any):
        return self.client.post("/token", json={"presentation": presentation, **more})

    def token(self, audience: Audience | str = Audience.LEGITIMATE_INTEREST, packs: tuple[str, ...] = ()) -> str:
        key = (str(audience), packs)
        if key not in self.roles:
            self.roles[key] = self.operator.grant(self.holder, audience, packs)
        answer = self.ask(self.presentation(self.roles[key]))
        assert answer.status_code == 200, answer.text
        return answer.json["access_token"]

    def bearer(self, *args: Any, **options: Any) -> dict:
        return {"Authorization": f"Bearer {self.token(*args, **options)}"}


@pytest.fixture
def site(operator: Operator, tmp_path: Path) -> Site:
    return make_site(operator, tmp_path)


def make_site(operator: Operator, folder: Path, **changes: Any) -> Site:
    config = replace(ResolverConfig.from_project(operator.project), **{"state_path": folder / "state.db", **changes})
    clock = [NOW]
    app = create_app(config, store=operator.store, now=lambda: clock[0])
    app.jinja_env.bytecode_cache = TEMPLATES
    return Site(operator, app, clock, PrivateKey.generate(Algorithm.P256))


@pytest.fixture(scope="session")
def shared_site(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site for tests that only read and leave the clock alone; making one takes longer than most requests."""
    return make_site(operator, tmp_path_factory.mktemp("shared"))


@pytest.fixture
def anonymous(shared_site: Site) -> FlaskClient:
    return shared_site.client


@pytest.fixture(name="make_site", scope="session")
def _make_site():
    """To build a site with another configuration."""
    return make_site


@pytest.fixture(name="make_operator", scope="session")
def _make_operator():
    """To issue packs into a store of one's own, for tests that write."""
    return make_operator
