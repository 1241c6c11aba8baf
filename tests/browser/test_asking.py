"""From a request on the passport page to the restricted view, over both faces: the reader has no script and no session.

The read face signs nothing: its form goes to the workspace, the one address that its policy allows beside its own.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from werkzeug.serving import make_server

from issuer.workspace.app import create_workspace
from issuer.workspace.services import WorkspaceConfig
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.publishing.publisher import Publisher
from passport.vocabulary.vocabulary import due_on
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.browser.passkeys import enrolled
from tests.browser.test_every_page import violations
from tests.browser.waiting import PATIENCE, expect
from tests.conftest import CHECKOUT, free_port
from tests.packs import example_records


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    """A resolver and a workspace of one operator, on ports of their own. :returns: base URL, workspace, a pack."""
    base, origin = (f"http://{host}:{free_port()}" for host in ("127.0.0.1", "localhost"))
    project = make_project(tmp_path_factory.mktemp("asking") / "shop", base, names={"en": "Operator", "zh": "运营者"})
    at, store = datetime.now(UTC) - timedelta(hours=1), project.open_store()
    records = example_records("lmt-ebike.xlsx")
    pack = Publisher.of_project(project, store, None).issue(records, at=at, on=due_on(at.date())).of_kind("pack")[0]
    config = replace(ResolverConfig.from_project(project), workspace_url=origin)
    resolver = create_app(config, store=store, now=lambda: datetime.now(UTC))
    workspace = create_workspace(
        WorkspaceConfig(project, project.open_store(), project.issuer_with_key(None), origin),
        now=lambda: datetime.now(UTC),
    )
    servers = [
        make_server(address.split("//")[1].split(":")[0], int(address.rsplit(":", 1)[1]), app, threaded=True)
        for address, app in ((base, resolver), (origin, workspace))
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield base, workspace.extensions["workspace"], pack.subject
    for server in servers:
        server.shutdown()


@pytest.fixture
def reader(browser):
    """A stranger's browser that runs no script, on a phone. What the console says fails the test."""
    context, said = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False), []
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield page
    cookies = context.cookies()
    context.close()
    assert cookies == [] and [text for text in said if "Failed to load resource" not in text] == []


def test_from_a_request_on_the_passport_page_to_the_restricted_view_and_back(browser, reader, faces, tmp_path):
    base, workspace, pack = faces
    key = PrivateKey.generate(Algorithm.P256)
    reader.goto(f"{base}/passports{pack.removeprefix(base)}")
    reader.locator("#ask-form summary").click()
    reader.locator("#ask-purpose").select_option("recycling")
    reader.locator("#ask-reason").fill("The pack is in our yard.")
    reader.locator("#ask-person").fill("Rec GmbH")
    reader.locator("#ask-holder").fill(key.public_key.did_key)
    reader.locator("#ask-form button").click()
    ticket = reader.locator("#ticket").inner_text()
    assert reader.url.startswith(workspace.config.origin)

    desk = browser.new_context(viewport={"width": 1200, "height": 900})
    operator = enrolled(desk, workspace, "tan", "sign")
    operator.goto(f"{workspace.config.origin}/access")
    expect(operator.locator("main")).to_contain_text("The pack is in our yard.")
    operator.locator("input[name=days]").fill("7")
    operator.get_by_role("button", name="Grant").click()

    reader.goto(f"{workspace.config.origin}/ask/answer")
    reader.locator("#ticket").fill(ticket)
    reader.locator("main button").click()
    with reader.expect_download() as waiting:
        reader.locator("main button").click()
    waiting.value.save_as(tmp_path / "role.jsonld")
    role = json.loads((tmp_path / "role.jsonld").read_bytes())
    assert role["credentialSubject"]["packs"] == [pack]

    reader.locator(f"a[href^='{base}/present']").click()
    _show(reader, key, role, base)
    expect(reader.locator(".rolebar")).to_be_visible()
    expect(reader.locator("#stateOfCharge")).to_have_count(1)

    operator.get_by_role("textbox").last.fill("The pack has left the yard.")
    operator.get_by_role("button", name="Take back").click()
    desk.close()
    reader.goto(f"{base}/present?passport={pack}")
    _show(reader, key, role, base)
    expect(reader.locator(".rolebar")).to_have_count(0)
    expect(reader.locator("[role=alert]")).to_be_visible()


def _show(page, key: PrivateKey, role: dict, base: str) -> None:
    """Sign the challenge of the page, and hand the presentation in."""
    holder = Issuer(key.public_key.did_key, KeySigner(key))
    challenge = page.locator("#challenge").inner_text()
    presentation = holder.present([role], challenge=challenge, domain=base, created=datetime.now(UTC))
    file = {"name": "presentation.jsonld", "mimeType": "application/json", "buffer": json.dumps(presentation).encode()}
    page.set_input_files("#file", file)
    page.locator("main form button").click()


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 320), ("zh", "dark", 1200)])
def test_the_pages_of_asking_are_accessible(browser, axe, faces, language, scheme, width):
    base, workspace, pack = faces
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{base}/passports{pack.removeprefix(base)}?lang={language}")
    assert violations(page, axe) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    fields = {"#ask-reason": "yard", "#ask-person": "Rec", "#ask-holder": "Rec"}
    page.locator("#ask").scroll_into_view_if_needed()
    for field, text in fields.items():
        page.locator(field).fill(text)
    page.locator("#ask-form button").click()
    answer, at = f"{workspace.config.origin}/ask/answer?lang={language}", datetime.now(UTC)
    ticket = workspace.access.add(pack, "", "legitimate-interest", "recycling", "Rec", "yard", at=at)
    request = workspace.access.of_ticket(ticket)

    def grant():
        workspace.access.grant_to_wallet(request, at=at, by="command")
        workspace.offers.allow(request.id, at + timedelta(days=1))
        workspace.offers.ask_transaction_code(request.id)

    # The form with its faults, the field for a ticket, the answer while it is open, and the one that grants.
    for address, before in ((None, None), (answer, None), (answer, lambda: None), (answer, grant)):
        if address:
            page.goto(address)
        if before:
            before()
            page.locator("#ticket").fill(ticket)
            page.locator("main form button").click()
            page.locator("#wa").wait_for()
        assert violations(page, axe) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


class Hand:
    """What a person does on a page, counted: a tap, a field filled in, a choice, a file."""

    def __init__(self) -> None:
        self.steps = 0

    def tap(self, place) -> None:
        self.steps += 1
        place.click()

    def fill(self, place, text: str) -> None:
        self.steps += 1
        place.fill(text)

    def choose(self, place, value: str) -> None:
        self.steps += 1
        place.select_option(value)

    def hand_in(self, place, file) -> None:
        self.steps += 1
        place.set_input_files(file)


def test_five_tasks_take_the_steps_that_the_documents_name(reader, faces, tmp_path):
    base, workspace, pack = faces
    here = f"{base}/passports{pack.removeprefix(base)}"
    taken = {}

    reader.goto(here)
    hand = Hand()
    hand.tap(reader.locator("#need-fire summary"))
    expect(reader.locator("#need-fire dl")).to_be_visible()
    taken["What puts a fire of this battery out?"] = hand.steps

    hand = Hand()
    hand.tap(reader.locator("#ratedEnergy summary"))
    hand.tap(reader.locator("#ratedEnergy a").last)
    expect(reader.locator("h1")).to_contain_text("energy")
    taken["What does an entry mean, by which law?"] = hand.steps

    reader.goto(f"{base}/")
    hand = Hand()
    hand.fill(reader.locator("#q"), "RS26012204417")
    hand.tap(reader.locator("form[role=search] button").first)
    reader.wait_for_url("**/passports/**")
    taken["Find a battery by a serial number without its dash."] = hand.steps

    hand = Hand()
    with reader.expect_download() as waiting:
        hand.tap(reader.locator("#downloads a[download$='.jsonld']").first)
    waiting.value.save_as(tmp_path / "saved.jsonld")
    reader.goto(f"{base}/verify")
    hand.hand_in(reader.locator("#file"), tmp_path / "saved.jsonld")
    hand.tap(reader.locator("main form button").first)
    expect(reader.locator("#verdict")).to_contain_text("Verified")
    taken["Save a passport and verify the file."] = hand.steps

    reader.goto(here)
    hand = Hand()
    hand.tap(reader.locator("#ask-form summary"))
    hand.choose(reader.locator("#ask-purpose"), "repair")
    hand.fill(reader.locator("#ask-reason"), "The pack is in our workshop.")
    hand.fill(reader.locator("#ask-person"), "Fix GmbH")
    hand.fill(reader.locator("#ask-holder"), PrivateKey.generate(Algorithm.P256).public_key.did_key)
    hand.tap(reader.locator("#ask-form button"))
    expect(reader.locator("#ticket")).to_be_visible()
    taken["Ask for a role."] = hand.steps

    rows = re.findall(r"^\| ([^|]+?) \| (\d+) \|$", (CHECKOUT / "docs" / "scan.md").read_text("utf-8"), re.MULTILINE)
    assert {task: int(steps) for task, steps in rows} == taken


def test_nothing_moves_for_a_reader_who_asked_for_less_motion(browser, faces):
    base, workspace, pack = faces
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    page = context.new_page()
    for address in (f"{base}/passports{pack.removeprefix(base)}", f"{base}/docs/api", f"{workspace.config.origin}/ask"):
        page.goto(address)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"
    context.close()
