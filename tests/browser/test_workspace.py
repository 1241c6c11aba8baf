"""The workspace in a browser, with a passkey of Chromium's virtual authenticator: from a workbook to a label.

Each page on the way is WCAG 2.2 AA, at full width in English and light, on a phone in Chinese and dark; the draft works
by keyboard alone. Whatever the console says, such as that the policy forbade something, fails the test.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import openpyxl
import pytest
from werkzeug.serving import make_server

from issuer.workspace.app import create_workspace
from issuer.workspace.services import WorkspaceConfig
from issuer.workspace.worker import OrderWorker
from passport.commands.keeping.init import make_project
from passport.identity.keys import PrivateKey
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from tests.browser.passkeys import enrolled
from tests.browser.test_every_page import violations
from tests.browser.waiting import expect
from tests.conftest import CHECKOUT, free_port


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A workspace on a port of its own, with its worker."""
    port = free_port()
    origin = f"http://localhost:{port}"
    project = make_project(
        tmp_path_factory.mktemp("workspace") / "shop", "https://passport.example.com",
        names={"en": "Example Battery", "zh": "示例电池"},
    )  # fmt: skip
    config = WorkspaceConfig(project, project.open_store(), project.issuer_with_key(None), origin)
    app = create_workspace(config, now=lambda: datetime.now(UTC))
    worker = app.extensions["workspace-worker"] = OrderWorker(app.extensions["workspace"])
    worker.start()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield app.extensions["workspace"]
    server.shutdown()
    worker.close()


@pytest.fixture
def join(browser, site):
    """A person who enrolled a passkey in a browser of its own."""
    contexts, said = [], []

    def joined(name, *roles):
        context = browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-GB")
        contexts.append(context)
        context.on("console", lambda message: said.append(message.text))
        return enrolled(context, site, name, *roles)

    yield joined
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def good(axe):
    """Whether the page that is open is accessible in both looks, and does not scroll sideways at 320 px."""

    def check(page):
        address = page.url.partition("#")[0]
        for language, scheme, width in (("en", "light", 1200), ("zh", "dark", 390)):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            assert violations(page, axe) == [], (address, language)
        page.set_viewport_size({"width": 320, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address
        page.set_viewport_size({"width": 1200, "height": 900})
        page.goto(f"{address}{'&' if '?' in address else '?'}lang=en")

    return check


def test_from_a_workbook_to_a_label(join, site, good, tmp_path):
    book = openpyxl.load_workbook(CHECKOUT / "examples" / "lmt-ebike.xlsx")
    cell = next(cell for cell in book["models"][3] if cell.value and str(cell.value) == "3.4")
    cell.value = "3,4"
    book.save(tmp_path / "march.xlsx")
    lin, zhao, tan = join("lin", "enter"), join("zhao", "approve"), join("tan", "sign")

    lin.goto(f"{site.config.origin}/bring")
    good(lin)
    lin.set_input_files("#files", tmp_path / "march.xlsx")
    lin.get_by_role("button", name="Read and check").click()
    draft = lin.url
    good(lin)
    # By keyboard: the field holds the suggestion, and Enter checks again.
    lin.locator(".cells input[type=text]").first.focus()
    lin.keyboard.press("Enter")
    expect(lin.get_by_role("status")).to_contain_text("everything was checked again")
    lin.goto(f"{draft.partition('?')[0]}/packs/0/performance")
    good(lin)
    lin.goto(draft)
    lin.get_by_role("button", name="Ask", exact=True).press("Enter")
    expect(lin.get_by_role("status")).to_contain_text("A second person is asked")

    zhao.goto(draft)
    zhao.get_by_role("button", name="Approve").click()
    tan.goto(draft)
    tan.get_by_role("button", name="Issue 1 passport").click()
    order = tan.url
    tan.goto(f"{order}?follow=1")
    expect(tan.locator(".verdict")).to_contain_text("the work is over", timeout=60_000)
    tan.goto(order)
    good(tan)
    tan.get_by_role("link", name="Labels to print").click()
    expect(tan.locator(".labels svg")).to_have_count(1)
    good(tan)


def test_the_running_work_is_accessible_and_a_passkey_signs_in_again(join, site, good, axe):
    page = join("wu", "enter", "sign", "administer")
    key, statement = PrivateKey.generate().public_key, {"en": "Rec GmbH", "zh": "循环回收有限公司"}
    actor = ActorStatement(key.did_key, statement, ("utiliser",), registration_number="HRB 1")
    grants = ActorGrants(site.store, site.config.issuer, site.project.base_url)
    grants.grant(actor, valid_from=datetime.now(UTC).replace(microsecond=0))
    for path in ("/", "/passports", "/events", "/events/fit", "/suppliers", "/access", "/keys", "/people"):
        page.goto(site.config.origin + path)
        good(page)
    page.goto(f"{site.config.origin}/access")
    page.get_by_role("button", name="Offer for a wallet: Rec GmbH").click()
    expect(page.get_by_role("status")).to_contain_text("Transaction code")
    assert violations(page, axe) == []
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{site.config.origin}/sign-in")
    good(page)
    page.locator("#passkey button").click()
    page.wait_for_url(f"{site.config.origin}/")


def test_from_a_supplier_to_a_merged_passport(join, browser, site, good, tmp_path):
    """A value is missing; the supplier types it on a phone without a script; taken in, the pack can be issued."""
    book = openpyxl.load_workbook(CHECKOUT / "examples" / "lmt-ebike.xlsx")
    sheet = book["models"]
    next(column for column in sheet.iter_cols() if column[0].value == "expectedNumberOfCycles")[2].value = None
    book.save(tmp_path / "lacking.xlsx")
    lin = join("mei", "enter")
    lin.goto(f"{site.config.origin}/bring")
    lin.set_input_files("#files", tmp_path / "lacking.xlsx")
    lin.get_by_role("button", name="Read and check").click()
    draft = lin.url.partition("?")[0]
    lin.goto(f"{draft}/packs/0/ask-supplier")
    good(lin)
    lin.locator("[name=supplier]").fill("Lan Cells")
    assert lin.locator("[name=indicators]:checked").count() == 1, "what is missing is chosen already"
    lin.locator("main form button").last.click()
    link = lin.locator(".link").inner_text()
    lin.goto(link)
    good(lin)

    phone = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-GB")
    page = phone.new_page()
    page.goto(link)
    page.locator("input[type=text]").first.fill("800")
    page.locator("#person").fill("Wei, Lan Cells")
    page.get_by_role("button", name="Send the answer").click()
    expect(page.get_by_role("status")).to_contain_text("Your answer was kept")
    phone.close()

    lin.goto(f"{site.config.origin}/suppliers")
    lin.get_by_role("link", name="Lan Cells").click()
    good(lin)
    expect(lin.locator("main")).to_contain_text("no signature of the supplier")
    lin.get_by_role("button", name="Take it in").click()
    expect(lin.locator("main")).to_contain_text("from a supplier, not signed")
    expect(lin.locator("main")).to_contain_text("can be issued")
