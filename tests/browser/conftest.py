"""A real browser before a real server: Debian's Chromium, driven by Playwright, and ``passport serve`` on a port of its
own, as an operator starts it.

No page may ask anybody but that server: what goes elsewhere is stopped and fails the test, and so does a cookie, or a
word on the console (which is where a browser tells of what the policy forbade). The pack of the story has three
read-outs, so that there is something to draw; one pack was recycled.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from passport.commands.companies.grant import role_credential
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.oversight.alert_register import alert_id
from passport.oversight.supervisor import check
from passport.population.population import Population
from passport.population.violations import STORIES, plant
from passport.presenting.presenter import Presenter
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import StoredCredential
from passport.store.facts.alert_rows import AlertRows
from passport.store.facts.fact_writing import BENCHMARK, writing
from passport.store.facts.rule_queries import judging
from passport.supervision.findings import AlertKey
from passport.supervision.rulebook import rulebook
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import EVENT
from passport.vocabulary.vocabulary import Audience, due_on
from tests.browser.waiting import PATIENCE, settled
from tests.conftest import CHECKOUT, free_port, skip_unless
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = CHECKOUT / "examples"
AXE = CHECKOUT / "tests" / "interop" / "node_modules" / "axe-core" / "axe.min.js"
#: The server goes by the machine's clock, and so does what it serves.
NOW = datetime.now(UTC).replace(microsecond=0)
DUE = due_on(NOW.date())
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--font-render-hinting=none",
]


@dataclass
class World:
    """The site, its operator, and a recycler with a role."""

    base: str
    packs: dict[str, str]
    presenter: Presenter
    role: dict
    holder: PrivateKey
    authority: dict
    alert: str

    @property
    def ev(self) -> str:
        return self.packs["ev"]

    def page(self, pack: str = "ev") -> str:
        return self.base + "/passports" + self.packs[pack].removeprefix(self.base)

    def saved(self, audience: Audience = Audience.PUBLIC) -> dict:
        return self.presenter.present(self.ev, audience).presentation()

    def presentation(self, challenge: str, role: dict | None = None) -> str:
        holder = Issuer(self.holder.public_key.did_key, KeySigner(self.holder))
        return json.dumps(
            holder.present([role or self.role], challenge=challenge, domain=self.base, created=datetime.now(UTC))
        )


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    project = make_project(
        tmp_path_factory.mktemp("site") / "project", base, names={"en": "Example Operator", "zh": "示例运营者"}
    )
    store, issuer = project.open_store(), project.issuer_with_key(None)
    publisher = RememberingPublisher(store, issuer, base, vocabulary.load(), tuple(vocabulary.regimes().values()))
    packs = {}
    for name in ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike"):
        record = example_records(f"{name}.xlsx")[0]
        if name.startswith("ev"):
            _read_out_before(publisher, record)
        report = publisher.issue([record], at=NOW - timedelta(minutes=58), on=DUE)
        packs[name.split("-")[0]] = report.of_kind("pack")[0].subject
    recycled = replace(record, pack={**record.pack, "serialNumber": "RS260122-04418"})
    packs["recycled"] = publisher.issue([recycled], at=NOW - timedelta(minutes=57), on=DUE).of_kind("pack")[0].subject
    _recycle(store, packs["recycled"], base)
    packs.update(_other_than_valid(publisher, record, packs["stationary"]))
    holder = PrivateKey.generate(Algorithm.P256)
    times = (NOW - timedelta(minutes=5), NOW + timedelta(days=30))
    role, authority = (
        role_credential(project, issuer, holder.public_key.did_key, audience, purpose, (), *times)
        for audience, purpose in (
            (Audience.LEGITIMATE_INTEREST, "recycling"), (Audience.CN_REGULATOR, "routine supervision"),
        )
    )  # fmt: skip
    alert = _supervise(store)
    running = _serve(project, port)
    yield World(base, packs, Presenter(store, vocabulary.load()), role, holder, authority, alert)
    running.send_signal(signal.SIGINT)
    try:
        running.wait(60)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
    store.close()


def _serve(project: Project, port: int) -> subprocess.Popen:
    """``passport serve``, once it answers. One visitor asks more of it here than a household does in a minute."""
    command = ["-c", "from passport.commands import main; main()", "serve", "--port", str(port)]
    log = (project.folder / "serve.log").open("w")
    running = subprocess.Popen(
        [sys.executable, *command, "--project", str(project.folder)],
        env={**os.environ, "PASSPORT_RATE_LIMIT": "off"},
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and running.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ns", timeout=60).close()
            return running
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    running.kill()
    pytest.fail(f"the server does not answer: {Path(log.name).read_text()[-2000:]}")


def _read_out_before(publisher: Publisher, record) -> None:
    for number, (month, energy) in enumerate((("09", "99.1"), ("10", "98.2"))):
        changed = {
            **record.condition,
            "recordedAt": f"2026-{month}-20T08:30:00Z",
            "stateOfCertifiedEnergy": energy,
            "remainingUsableBatteryEnergy": str(Decimal(energy) * Decimal("0.96")),
        }
        publisher.issue([replace(record, condition=changed)], at=NOW - timedelta(minutes=60 - number), on=DUE)


def _other_than_valid(publisher: Publisher, record, instead: str) -> dict[str, str]:
    """Packs that were withdrawn and suspended, with a reason for everybody and without."""
    packs = {}
    for number, name in enumerate(("withdrawn", "withdrawn-bare", "suspended", "suspended-bare")):
        renamed = replace(record, pack={**record.pack, "serialNumber": f"RS260122-1{number}"})
        report = publisher.issue([renamed], at=NOW - timedelta(minutes=50 - number), on=DUE)
        pack = packs[name] = report.of_kind("pack")[0].subject
        kind, _, bare = name.partition("-")
        told = {} if bare else {"public_reason": "the mass was read wrongly"}
        if kind == "withdrawn":
            publisher.revoke(pack, reason="case", at=NOW, **told, **({} if bare else {"replaced_by": instead}))
        else:
            publisher.suspend(pack, reason="case", at=NOW, **told)
    return packs


def _supervise(store) -> str:
    """Facts of a small population, judged. :returns: the id of an alert with a pack."""
    population = Population(seed=7, now=NOW)
    population.fill(packs=60)
    for rule in STORIES:
        plant(population, rule)
    with writing(store) as facts:
        facts.begin(BENCHMARK)
        facts.fill(population.facts())
        facts.refer(**population.references())
    check(store, rulebook(), NOW)
    with judging(store) as (_, connection):
        row = next(row for row in AlertRows(connection).all() if row.rule == "hand-over-without-receipt")
    return alert_id(AlertKey(*row.key))


def _recycle(store, pack: str, base: str) -> None:
    document = {"id": f"{base}/credentials/recycled", "credentialSubject": {"id": pack, "lifecycleEvent": "recycle"}}
    with store.transaction() as transaction:
        transaction.add_credential(
            StoredCredential(document["id"], EVENT, pack, json.dumps(document).encode(), "x", NOW)
        )


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
    contexts, outside, said, policies = [], [], [], set()

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
        page.set_default_timeout(PATIENCE)
        page.on("response", lambda answer: note_policy(answer, policies))
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
    for policy in policies:
        assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy, policy
    assert cookies == [], "a page set a cookie"
    # Chromium reports each answer of 400 and above as an error of its own.
    assert [text for text in said if "Failed to load resource" not in text] == []


def note_policy(answer, policies: set[str]) -> None:
    if answer.request.resource_type == "document":
        policies.add(answer.headers.get("content-security-policy", "none at all"))


def drawn(page, options: dict) -> None:
    """Wait for the whole page, and for its first frames where scripts may run."""
    if options.get("java_script_enabled", True):
        settled(page)
    else:
        page.wait_for_load_state()


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
        drawn(page, options)
        return page

    return open_view


@pytest.fixture
def as_authority(visit, world: World) -> Callable:
    """A page of the supervision desk, opened as a person does it: signed in, then by a button."""

    def open_desk(path: str, language: str = "en", **options):
        page = visit(f"{world.base}/present?lang={language}", **options)
        presentation = world.presentation(page.locator("#challenge").inner_text(), world.authority)
        page.set_input_files(
            "#file", {"name": "presentation.jsonld", "mimeType": "application/json", "buffer": presentation.encode()}
        )
        page.locator("main form button").click()
        page.wait_for_selector("body.desk")
        page.evaluate(
            "path => { const form = document.querySelector('#go'); form.action = path; form.submit() }",
            f"{path}{'&' if '?' in path else '?'}lang={language}",
        )
        page.wait_for_load_state()
        page.wait_for_selector("body.desk h1")
        drawn(page, options)
        return page

    return open_desk


@pytest.fixture
def verified(visit, world: World) -> Callable:
    """The verifier's answer to a document."""

    def open_result(document: dict, language: str = "en", **options):
        page = visit(f"{world.base}/verify?lang={language}", **options)
        data = json.dumps(document, ensure_ascii=False).encode()
        page.set_input_files("#file", {"name": "ev.jsonld", "mimeType": "application/json", "buffer": data})
        page.locator("main form button").click()
        page.wait_for_selector("#verdict")
        drawn(page, options)
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
