"""One story over both faces with a foreign wallet: a stranger asks for a role on the passport page, the operator grants
it for a time, the stranger's wallet takes it (OpenID4VCI) and shows it (OpenID4VP), the restricted view verifies, and
the role is taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from passport.identity.keys import PrivateKey
from tests.browser import test_asking
from tests.browser.passkeys import enrolled
from tests.browser.waiting import expect
from tests.interop import conftest as foreign

faces, reader = test_asking.faces, test_asking.reader
wallet, certificate = foreign.wallet, foreign.certificate

#: In which format openid4vc takes the role, and how the wallet shows it: by which link of the page, by which library.
#: Digital Bazaar's client takes credentials over https alone (tests/interop); passkeys do not work on a test's own
#: certificate, so here it shows what the other library took.
WAYS = {
    "openid4vc, on the same device": ("role_sd_jwt", "same", "openid4vc-present-sd-jwt"),
    "openid4vc, encrypted, on another device": ("role", "other", "openid4vc-present"),
    "digitalbazaar, on another device": ("role", "plain", "digitalbazaar-present"),
}


class Stranger:
    """A recycler with a phone and a wallet; the phone runs no script."""

    def __init__(self, page, wallet, way, base, pack) -> None:
        self.page, self.wallet, self.base, self.pack = page, wallet, base, pack
        self.configuration, self.device, self.present = way
        self.enc = "A256GCM" if self.device == "other" else None

    def asks(self) -> str:
        page = self.page
        page.goto(f"{self.base}/passports{self.pack.removeprefix(self.base)}")
        page.locator("#ask-form summary").click()
        page.locator("#ask-purpose").select_option("recycling")
        page.locator("#ask-reason").fill("The pack is in our yard.")
        page.locator("#ask-person").fill("Rec GmbH")
        page.locator("#ask-form button").click()
        return page.locator("#ticket").inner_text()

    def looks_at_the_answer(self, origin: str, ticket: str) -> None:
        self.page.goto(f"{origin}/ask/answer")
        self.page.locator("#ticket").fill(ticket)
        self.page.locator("main button").click()

    def takes_the_role(self) -> None:
        offer = self.page.locator("a[href^='openid-credential-offer:']").get_attribute("href")
        more = {"enc": self.enc} if self.enc else {}
        taken = self.wallet("openid4vc-receive", offer=offer, configuration=self.configuration, **more)
        assert taken["ok"], taken
        (self.role,) = taken["credentials"]

    def shows_it(self) -> dict:
        """The wallet answers the request of the page; :returns: what came of that."""
        links = {
            "same": "a[href^='openid4vp:']", "other": "details code >> nth=0", "plain": "details code >> nth=1",
        }  # fmt: skip
        place = self.page.locator(links[self.device])
        link = place.get_attribute("href") if self.device == "same" else place.text_content()
        more = {"enc": self.enc} if self.enc else {}
        return self.wallet(self.present, link=link, credential=self.role, at=datetime.now(UTC).isoformat(), **more)

    def opens_the_passport(self) -> None:
        self.page.goto(f"{self.base}/wallet?passport={quote(self.pack)}{'&answer=encrypted' if self.enc else ''}")
        shown = self.shows_it()
        assert shown["ok"], shown
        if self.device == "same":
            self.page.goto(shown["answer"]["redirect_uri"])
        self.page.locator("main form button").click()


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_stranger_asks_is_granted_takes_the_role_into_a_wallet_and_reads_what_verifies(
    browser, reader, faces, wallet, tmp_path, way
):
    base, workspace, pack = faces
    stranger = Stranger(reader, wallet, way, base, pack)
    ticket = stranger.asks()

    desk = browser.new_context(viewport={"width": 1200, "height": 900})
    operator = enrolled(desk, workspace, f"tan-{PrivateKey.generate().public_key.did_key[-6:].lower()}", "sign")
    operator.goto(f"{workspace.config.origin}/access")
    expect(operator.locator("main")).to_contain_text("The pack is in our yard.")
    operator.locator("input[name=days]").first.fill("7")
    operator.get_by_role("button", name="Grant").first.click()

    stranger.looks_at_the_answer(workspace.config.origin, ticket)
    stranger.takes_the_role()
    stranger.looks_at_the_answer(workspace.config.origin, ticket)
    leads_to = reader.locator(f"a[href^='{base}/wallet?passport=']").get_attribute("href")
    assert leads_to == f"{base}/wallet?passport={quote(pack, safe='')}"
    stranger.opens_the_passport()
    expect(reader.locator(".rolebar")).to_be_visible()
    expect(reader.locator("#stateOfCharge")).to_have_count(1)

    with reader.expect_download() as waiting:
        reader.get_by_role("button", name="Saved passport").click()
    waiting.value.save_as(tmp_path / "restricted.jsonld")
    reader.goto(f"{base}/verify")
    reader.set_input_files("#file", tmp_path / "restricted.jsonld")
    reader.locator("main form button").first.click()
    expect(reader.locator("#verdict")).to_contain_text("Verified.")

    operator.goto(f"{workspace.config.origin}/access")
    section = operator.locator("section", has_text="Rec GmbH").filter(
        has=operator.get_by_role("button", name="Take back")
    )
    section.first.get_by_role("textbox").fill("The pack has left the yard.")
    section.first.get_by_role("button", name="Take back").click()
    desk.close()
    reader.goto(f"{base}/wallet?passport={quote(pack)}{'&answer=encrypted' if stranger.enc else ''}")
    refused = stranger.shows_it()
    assert not refused["ok"] and "not accepted" in refused["error"], refused
    stranger.looks_at_the_answer(workspace.config.origin, ticket)
    expect(reader.locator("#answer")).to_contain_text("taken back")
    expect(reader.locator("main")).to_contain_text("The pack has left the yard.")
