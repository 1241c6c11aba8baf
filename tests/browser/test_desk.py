"""The supervision desk in a browser: WCAG 2.2 AA in light and dark, 320 px, no script, no cookie, nobody else asked."""

from __future__ import annotations

import pytest

from tests.browser.conftest import NOW
from tests.browser.test_every_page import violations
from tests.conftest import share

PAGES = {
    "alerts": "/desk/alerts", "alert": "/desk/alerts/{alert}", "pack": "/desk/packs/1", "looks": "/desk/looks",
    "actor": "/desk/actors/did:web:batterymaker-1.example", "flows": "/desk/flows", "scrap": "/desk/scrap",
    "completeness": "/desk/completeness", "overdue": "/desk/overdue", "search": "/desk/search", "duties": "/duties",
    "report": f"/desk/reports/did:web:outlet-21.example?period={NOW:%Y}",
    "maker's report": "/desk/reports/did:web:batterymaker-1.example?period=2026",
}  # fmt: skip
#: Light at full width in English, dark on a narrow screen in Chinese; each page in one of them by turns.
LOOKS = [("en", "light", 1280), ("zh", "dark", 390)]


@pytest.mark.parametrize(
    ("name", "language", "scheme", "width"),
    [(name, *look) for turn, name in enumerate(PAGES) for look in share(LOOKS, turn, of=2)],
)
def test_a_page_of_the_desk_is_accessible_and_does_not_scroll_sideways_on_a_phone(
    as_authority, world, axe, name, language, scheme, width
):
    page = as_authority(PAGES[name].format(alert=world.alert), language, width=width, color_scheme=scheme)
    assert violations(page, axe) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, "with all folds open"


def test_the_desk_works_by_its_buttons_alone(as_authority, world):
    page = as_authority("/desk/alerts", java_script_enabled=True)
    page.locator(".wl button.t").first.click()
    page.wait_for_selector(".ev .key_")
    page.locator("#x-reason").fill("asked by letter")
    page.locator("#x-step").select_option("ask")
    page.locator(".aside form button").click()
    page.wait_for_selector("[role=status]")
    assert page.locator("#steps + ol").inner_text().count("asked by letter") == 1
    page.get_by_role("button", name="Leave").click()
    page.wait_for_selector("main .plain")
    assert page.evaluate("document.querySelector('input[name=access_token]')") is None
