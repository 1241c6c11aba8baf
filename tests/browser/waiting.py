"""Waits of the browser tests: for a state of the page, never for a moment.

A key that is pressed before the page has drawn what came before goes elsewhere: a browser moves the place from which
Tab goes on to the target of a fragment only with the next frame that it draws. A machine that is busy draws late.
"""

from __future__ import annotations

from typing import Any

#: Milliseconds until a state that does not come counts as a fault. A busy machine is slow, not wrong.
PATIENCE = 90_000

# Two frames: the first callback runs before the frame in which the fragment is looked at, the second one behind it.
_SETTLED = """async patience => {
  const drawn = (async () => {
    await document.fonts.ready;
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  })();
  const late = new Promise((_, refuse) => setTimeout(() => refuse(new Error('the page draws nothing')), patience));
  await Promise.race([drawn, late]);
}"""
_MOVED = """async patience => {
  const until = Date.now() + patience;
  while (document.activeElement === window.focusedBefore) {
    if (Date.now() > until) throw new Error('the focus does not move');
    await new Promise(done => setTimeout(done, 5));
  }
}"""


def settled(page: Any) -> None:
    """Come back when the page is loaded and has drawn its state. For pages whose scripts may run."""
    page.wait_for_load_state()
    page.evaluate(_SETTLED, PATIENCE)


def press(page: Any, key: str) -> None:
    """Press a key on a page that has settled."""
    settled(page)
    page.keyboard.press(key)


def tab(page: Any) -> None:
    """Press Tab on a page that has settled, and come back when the focus has moved."""
    settled(page)
    page.evaluate("window.focusedBefore = document.activeElement; null")
    page.keyboard.press("Tab")
    page.evaluate(_MOVED, PATIENCE)


def expect(actual: Any) -> Any:
    """Playwright's assertions, which wait for a state."""
    from playwright.sync_api import expect as expect_of_playwright

    expect_of_playwright.set_options(timeout=PATIENCE)
    return expect_of_playwright(actual)
