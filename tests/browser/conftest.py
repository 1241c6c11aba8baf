"""A real browser before a real server: Debian's Chromium, driven by Playwright, and the resolver on a port of its own.

No page may ask anybody but that server: what goes elsewhere is stopped and
fails the test. The pack of the story has three read-outs, so that there is something to draw.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from werkzeug.serving import make_server

from passport.battery import vocabulary
from passport.battery.vocabulary import Audience
from passport.commands.grant import role_credential
from passport.commands.init import make_project
from passport.credentials.issuer import Issuer
from passport.exchange import files
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.presenter import Presenter
from passport.publisher import Publisher
from passport.store import Store
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.conftest import CHECKOUT, skip_unless

EXAMPLES = CHECKOUT / "examples"
AXE = CHECKOUT / "tests" / "interop" / "node_modules" / "axe-core" / "axe.min.js"
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-default-apps", "--disable-sync", "--font-render-hinting=none",
]


@dataclass
class World:
    """The site, its operator, and a recycler with a role."""

    base: str
    packs: dict[str, str]
    presenter: Presenter
    role: dict
    holder: PrivateKey
    requests: list[str] = field(default_factory=list)

    @property
    def ev(self) -> str:
        return self.packs["ev"]

    def page(self, pack: str = "ev") -> str:
        return self.base + "/passports" + self.packs[pack].removeprefix(self.base)

    def saved(self, audience: Audience = Audience.PUBLIC) -> dict:
        return self.presenter.present(self.ev, audience).presentation()

    def presentation(self, challenge: str) -> str:
        holder = Issuer(self.holder.public_key.did_key, KeySigner(self.holder))
        return json.dumps(holder.present([self.role], challenge=challenge, domain=self.base, created=NOW))


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("site")
    project = make_project(folder / "project", base, names={"en": "Example Operator", "zh": "示例运营者"})
    store, issuer = Store.open("sqlite://"), project.issuer_with_key(None)
    publisher = Publisher(store, issuer, base, vocabulary.load(), tuple(vocabulary.regimes().values()))
    packs = {}
    for name in ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike"):
        record = files.read(EXAMPLES / f"{name}.xlsx")[0][0]
        report = publisher.issue([record], at=NOW - timedelta(hours=2))
        packs[name.split("-")[0]] = report.of_kind("pack")[0].subject
        if name.startswith("ev"):
            _read_out_again(publisher, record)
    holder = PrivateKey.generate(Algorithm.P256)
    role = role_credential(
        project, issuer, holder.public_key.did_key, Audience.LEGITIMATE_INTEREST, "recycling", (), NOW,
        NOW + timedelta(days=30),
    )
    config = replace(ResolverConfig.from_project(project), state_path=folder / "state.db")
    app = create_app(config, store=store, now=lambda: NOW)
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield World(base, packs, Presenter(store, vocabulary.load()), role, holder)
    server.shutdown()
    thread.join(10)


def _read_out_again(publisher: Publisher, record) -> None:
    for number, energy in enumerate(("98.6", "97.2"), 1):
        changed = {
            **record.condition,
            "recordedAt": f"2027-0{number}-20T08:30:00Z",
            "stateOfCertifiedEnergy": energy,
            "remainingUsableBatteryEnergy": str(Decimal(energy) * Decimal("0.96")),
        }
        publisher.issue([replace(record, condition=changed)], at=NOW - timedelta(minutes=60 - number))


@pytest.fixture(scope="session")
def browser():
    chromium = os.environ.get("PASSPORT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    skip_unless(chromium is not None, "chromium", "no Chromium found")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip_unless(False, "chromium", "playwright is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def visit(browser, world: World) -> Iterator[Callable]:
    """Opens pages. Whatever asks somebody else than the site, or says anything on the console, fails the test."""
    contexts, outside, said = [], [], []

    def open_page(address: str | None = None, *, width: int = 1200, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=options.pop("locale", "en-GB"), **options
        )
        contexts.append(context)

        def guard(route) -> None:
            url = route.request.url
            if url.startswith(world.base + "/"):
                route.continue_()
            else:
                outside.append(url)
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        if address is not None:
            page.goto(address)
        return page

    yield open_page
    cookies = [cookie for context in contexts for cookie in context.cookies()]
    for context in contexts:
        context.close()
    assert outside == [], "a page asked somebody else"
    assert cookies == [], "a page set a cookie"
    # Chromium reports each answer of 400 and above as an error of its own.
    assert [text for text in said if "Failed to load resource" not in text] == []


@pytest.fixture
def as_recycler(visit, world: World) -> Callable:
    """The restricted view of the story's pack, opened as a person does it."""

    def open_view(language: str = "en", **options):
        page = visit(f"{world.base}/present?lang={language}&passport={world.ev}", **options)
        presentation = world.presentation(page.locator("#challenge").inner_text())
        page.set_input_files(
            "#file", {"name": "presentation.jsonld", "mimeType": "application/json", "buffer": presentation.encode()}
        )
        page.locator("main form button").click()
        page.wait_for_selector(".rolebar")
        page.wait_for_load_state()
        return page

    return open_view


@pytest.fixture
def verified(visit, world: World) -> Callable:
    """The verifier's answer to a document."""

    def open_result(document: dict, language: str = "en", **options):
        page = visit(f"{world.base}/verify?lang={language}", **options)
        data = json.dumps(document, ensure_ascii=False).encode()
        page.set_input_files("#file", {"name": "ev.jsonld", "mimeType": "application/json", "buffer": data})
        page.locator("main form button").click()
        page.wait_for_selector("#verdict")
        page.wait_for_load_state()
        return page

    return open_result


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core."""
    skip_unless(AXE.is_file(), "node", f"no axe-core in {AXE.parent} (make interop)")
    return AXE.read_text(encoding="utf-8")


def tampered(document: dict) -> dict:
    changed = json.loads(json.dumps(document))
    changed["verifiableCredential"][1]["credentialSubject"]["serialNumber"] = "0000001"
    return changed


@pytest.fixture(name="tampered")
def _tampered() -> Callable:
    return tampered

