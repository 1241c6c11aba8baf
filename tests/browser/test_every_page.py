"""What holds for every page, in both languages: WCAG 2.2 AA in light and dark, 320 px, nobody else asked, no script.

That nobody else is asked, no cookie is set and the policy is kept, the fixture ``visit`` sees to for each of them.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.vocabulary.vocabulary import Audience
from tests.browser.conftest import NOW
from tests.conftest import CHECKOUT, share

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PLAIN = {
    "home": "/?", "verify": "/verify?", "present": "/present?",
    "wallet": "/wallet?", "wallet-done": "/wallet/done?code=x&", "search": "/search?", "found": "/search?category=ev&",
    "look": "/look?q=nobody&", "look-list": "/look?q=lanhu&", "sparql": "/sparql?",
    "issuers": "/issuers?", "api": "/docs/api?", "terms": "/terms?", "term": "/ns/ratedCapacity?",
    # Pages of problems; all are of one template, with and without a reason.
    "nothing": "/passports/id/NONE?", "malformed": "/find?code=%21&",
    # A serial number that nobody issued, of a model that is known and of none.
    "unissued": "/passports/01/09529999001009/21/A7K2M05G6J0000371?",
    "unissued-code": "/find?code=ZZZPE10A7K2M05G6J0000371&",
    "unissued-model": "/gbt34014/001PE01A1B2C3DG7L0000042?",
}  # fmt: skip
#: Every kind of page, by turns in one language or the other (`make torture` opens each in both); the same page of other
#: packs and under other rules in one.
BOTH = [
    *PLAIN, "withdrawn", "suspended", "superseded",
    "gone", "ev", "model", "recycler", "verified", "unchecked", "tampered", "unreadable", "refused", "ended",
]  # fmt: skip
PAGES = [
    *((name, language) for turn, name in enumerate(BOTH) for language in share(("en", "zh"), turn, of=2)),
    ("withdrawn-bare", "en"), ("suspended-bare", "zh"),
    ("ev-eu", "en"), ("ev-cn", "zh"), ("stationary", "zh"), ("lmt", "en"),
]  # fmt: skip


@pytest.fixture
def open_named(visit, as_recycler, verified, tampered, world):
    """Opens a page by its name, as somebody gets there."""

    def open_page(name: str, language: str, **options):
        query = f"?lang={language}"
        if name in PLAIN:
            return visit(world.base + PLAIN[name] + query[1:], **options)
        if name == "gone":
            return visit(world.page("recycled") + query, **options)
        if name in world.packs and name.startswith(("withdrawn", "suspended")):
            return visit(world.page(name) + query, **options)
        if name == "superseded":
            page = as_recycler(language, **options)
            # As it was between the first read-out and the last.
            between = (NOW - timedelta(minutes=58, seconds=30)).isoformat().replace("+00:00", "Z")
            page.evaluate(
                """at => { const form = document.querySelector("#role");
                form.action += "&at=" + at; form.submit() }""",
                between,
            )
            page.wait_for_selector(".superseded")
            page.wait_for_load_state()
            return page
        if name == "recycler":
            return as_recycler(language, **options)
        if name in ("verified", "tampered", "unchecked"):
            document = world.saved(Audience.LEGITIMATE_INTEREST)
            change = {"tampered": tampered, "unchecked": signed_elsewhere}.get(name, lambda document: document)
            return verified(change(document), language, **options)
        if name in ("unreadable", "refused"):
            path, box = ("/verify", "#text") if name == "unreadable" else ("/present", "#presentation")
            page = visit(f"{world.base}{path}{query}&passport={world.ev}", **options)
            page.locator("main details summary").first.click()
            page.locator(box).fill("{" if name == "unreadable" else json.dumps({"type": "VerifiablePresentation"}))
            page.locator("main form button").click()
            page.wait_for_selector("[role=alert]")
            page.wait_for_load_state()
            return page
        if name == "ended":
            page = as_recycler(language, **options)
            page.evaluate("document.querySelector('#role input').value = 'ended'")
            page.evaluate("document.querySelector('#role').submit()")
            # The page before has a heading too.
            page.get_by_text("401 · invalid-token").wait_for()
            page.wait_for_load_state()
            return page
        if name == "model":
            address = world.page("ev").split("/21/")[0]
            return visit(address + query, **options)
        pack, _, regime = name.partition("-")
        return visit(world.page(pack) + query + (f"&regime={regime}" if regime else ""), **options)

    return open_page


def signed_elsewhere(document: dict) -> dict:
    """A credential with keys of its own making: nothing can be looked up, and who signed it is not known here."""
    key = PrivateKey.generate(Algorithm.P256)
    issuer = Issuer("did:web:elsewhere.example", KeySigner(key, "did:web:elsewhere.example#1"))
    unsigned = {name: value for name, value in document["verifiableCredential"][0].items() if name != "proof"}
    return issuer.issue({**unsigned, "issuer": issuer.id}, created=datetime.now(UTC))


def violations(page, axe: str, *rules: str) -> list[str]:
    """What axe finds with all folds open. Run by the browser itself: the page's own policy lets no script in.

    :param rules: only these; else all of WCAG 2.2 AA and of good practice.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    options = {"runOnly": only, "resultTypes": ["violations"], "elementRef": False, "iframes": False, "preload": False}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{entry['id']}: {entry['help']}: {node['html'][:160]}"
        for entry in result["violations"]
        for node in entry["nodes"][:3]
    ]


@pytest.mark.parametrize(("name", "language"), PAGES)
def test_no_violation_of_wcag_and_no_sideways_scrolling_on_a_phone(open_named, axe, name, language):
    page = open_named(name, language, width=320, color_scheme="light")
    assert page.locator("html").get_attribute("lang") == language
    assert page.locator("script:not([type='application/ld+json']), [style], [onclick], [onload], iframe").count() == 0
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    assert violations(page, axe) == []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, "with all folds open"
    # Nothing but the colours is another in the dark.
    page.emulate_media(color_scheme="dark")
    assert violations(page, axe, "color-contrast", "link-in-text-block") == []


def test_no_colour_goes_by_the_language():
    style = (CHECKOUT / "resolver" / "static" / "passport.css").read_text(encoding="utf-8")
    by_language = re.findall(r":lang\([^{]*\{([^}]*)\}", style)
    assert by_language and not [rules for rules in by_language if re.search(r"color|background|#[0-9a-f]{3}", rules)]


@pytest.mark.parametrize("name", ["ev", "verified"])
def test_no_violation_of_wcag_on_a_wide_screen(open_named, axe, name):
    assert violations(open_named(name, "en", width=1200), axe) == []


#: Of each band, what tells it from the others where no colour can be seen.
BANDS = {
    "withdrawn": ("✗", "solid"), "suspended": ("!", "dashed"), "superseded": ("↺", "double"), "gone": ("■", "solid"),
    "model": ("□", "solid"),
}  # fmt: skip


@pytest.mark.parametrize("name", BANDS)
def test_a_band_comes_first_on_screen_and_paper_and_its_edge_needs_no_colour(open_named, name):
    page = open_named(name, "en", width=390)
    mark, edge = BANDS[name]
    band = page.locator(".band").first
    assert band.inner_text().startswith(mark)
    assert band.bounding_box()["y"] < page.locator("main").bounding_box()["y"] + 1
    assert band.bounding_box()["width"] == 390, "across the full width"
    style = "element => getComputedStyle(element).borderTopStyle"
    assert band.evaluate(style) == edge
    page.emulate_media(media="print")
    assert band.is_visible() and band.evaluate(style) == edge
    # Black on nothing: a printer that leaves fills out must not leave the words out.
    assert band.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]") == [
        "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)",
    ]  # fmt: skip


def test_the_way_from_a_copied_code_leads_to_what_can_be_done(visit, world):
    page = visit(f"{world.base}/01/09529999001009/21/A7K2M05G6J0000371", width=390)
    assert page.locator("h1").inner_text() == "No passport for serial A7K2M05G6J0000371 is published here"
    assert page.locator("h1").bounding_box()["y"] < 200
    page.locator(".unissued ol.steps a[href='#model']").click()
    page.wait_for_url("**#model")
    assert page.locator("#model h2").inner_text() == "LH-NCM100-192S"


@pytest.mark.parametrize("name", ["ev", "recycler", "verified", "present"])
def test_without_scripts_every_page_is_whole(open_named, name):
    page = open_named(name, "en", java_script_enabled=False)
    assert page.locator("h1").is_visible()
    assert page.locator("main").inner_text().strip()
