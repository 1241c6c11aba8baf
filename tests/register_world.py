"""A register, and two makers with resolvers of their own in front of real stores; everything over WSGI, no network."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from issuer.register_api import RegisterApi, create_register
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.directory.register.register_service import RegisterService
from passport.directory.register.registration_client import RegistrationClient, queued_rows
from passport.errors import FetchFailed
from passport.identity import KeySigner, PrivateKey
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.store.register.register_store import RegisterStore
from passport.store.register.registration_outbox import RegistrationOutbox
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, MODEL_DETAIL, PASSPORT
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher
from tests.resolver.conftest import TEMPLATES

REGISTER = "https://register.example"
KINDS = [MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION]


@dataclass
class Maker:
    """A maker with a store, a resolver and an outbox."""

    project: Project
    store: Store
    publisher: Publisher
    app: Any
    outbox: RegistrationOutbox
    packs: list[str]
    on: bool = True

    @property
    def issuer(self) -> Issuer:
        return self.project.issuer_with_key(None)

    @property
    def entry(self) -> dict[str, Any]:
        """Its entry in a trust list, narrowed to its own addresses."""
        namespaces = {"addresses": [self.project.base_url]}
        return {"id": self.project.issuer, "name": {"en": self.project.base_url}, "trustedFor": KINDS,
                "namespaces": namespaces}  # fmt: skip


@dataclass
class RegisterWorld:
    """:ivar clock: the instant that everybody has."""

    clock: list[datetime]
    makers: dict[str, Maker]
    store: RegisterStore
    service: RegisterService
    app: Any
    key: PrivateKey
    fetched: list[str] = field(default_factory=list)

    @property
    def trust(self) -> TrustList:
        return TrustList.from_json({"issuers": [maker.entry for maker in self.makers.values()]})

    def now(self) -> datetime:
        return self.clock[0]

    def later(self, **delta: float) -> datetime:
        self.clock[0] += timedelta(**delta)
        return self.clock[0]

    def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        parts = urlsplit(url)
        maker = next(
            (each for each in self.makers.values() if urlsplit(each.project.base_url).netloc == parts.netloc), None
        )
        if maker is None or not maker.on:
            raise FetchFailed("nobody answers")
        answer = maker.app.test_client(use_cookies=False).get(parts.path, headers={"Accept": "application/vp"})
        if answer.status_code != 200:
            raise FetchFailed(f"answered {answer.status_code}")
        return answer.data

    def post(self, url: str, body: bytes, token: str) -> bytes:
        answer = self.app.test_client(use_cookies=False).post(
            urlsplit(url).path, data=body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
        )
        if answer.status_code != 200:
            raise FetchFailed(f"answered {answer.status_code}: {answer.text[:300]}")
        return answer.data

    def client(self, maker: str, outbox: RegistrationOutbox | None = None) -> RegistrationClient:
        each = self.makers[maker]
        return RegistrationClient(outbox or each.outbox, each.issuer, REGISTER, self.post)

    def queue(self, maker: str, outbox: RegistrationOutbox | None = None) -> int:
        each = self.makers[maker]
        rows = queued_rows(each.store, each.project.base_url, each.project.issuer)
        return (outbox or each.outbox).queue(rows, self.now())

    def register(self, maker: str) -> None:
        """Queue, send, validate and ask, as commands do."""
        self.queue(maker)
        client = self.client(maker)
        client.send(self.now)
        self.service.validate(self.now())
        client.ask(self.now)


def make_maker(folder: Path, name: str, workbook: str, clock: list[datetime]) -> Maker:
    project = make_project(folder / name, f"https://{name}.example", names={"en": f"{name.title()} Ltd"})
    store = Store.open("sqlite://")
    publisher = RememberingPublisher(
        store, project.issuer_with_key(None), project.base_url, vocabulary.load(), tuple(vocabulary.regimes().values())
    )
    report = publisher.issue(example_records(workbook), at=clock[0] - timedelta(hours=1))
    config = replace(ResolverConfig.from_project(project), state_path=folder / f"{name}.db")
    app = create_app(config, store=store, now=lambda: clock[0])
    app.jinja_env.bytecode_cache = TEMPLATES
    packs = [entry.subject for entry in report.of_kind("pack")]
    return Maker(project, store, publisher, app, RegistrationOutbox(folder / f"{name}-outbox.db"), packs)


def make_register_world(folder: Path, at: datetime) -> RegisterWorld:
    clock, key = [at], PrivateKey.generate()
    makers = {
        "alpha": make_maker(folder, "alpha", "lmt-ebike.xlsx", clock),
        "beta": make_maker(folder, "beta", "stationary-lfp.xlsx", clock),
    }
    store = RegisterStore(folder / "register.db")
    issuer = Issuer(key.public_key.did_key, KeySigner(key))
    world = RegisterWorld(clock, makers, store, None, None, key)  # type: ignore[arg-type]
    world.service = RegisterService(store, issuer, REGISTER, lambda: world.trust, world.fetch)
    world.app = create_register(RegisterApi(world.service, world.now))
    return world
