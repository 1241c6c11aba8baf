"""What people do with the pages, in a real browser."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from passport.reports import qr_code
from passport.vocabulary.vocabulary import Audience
from tests.browser.waiting import expect, press, settled, tab


def test_from_the_printed_code_to_the_passport(visit, world):
    image = Image.open(io.BytesIO(qr_code.png(world.ev)))
    address = zxingcpp.read_barcode(image).text
    assert address == world.ev
    page = visit(address, width=390)
    assert page.url.startswith(world.page())
    assert page.locator("h1").inner_text() == "LH-NCM100-192S"
    assert "Signed, unchanged, not withdrawn" in page.locator(".status").inner_text()


#: What each reader sees on the first phone screen, and one tap later.
READERS = {
    "fire": ("Water in large amounts (flooding or water spray lance). Up to 806.4", "Flammable liquids"),
    "owner": ("Warranty 96", "Take-back and treatment"),
    "buyer": ("Ask the seller to open the state of health.", "What to ask for"),
    "repair": ("NMC, 710.4", "Disassembly manual"),
    "inspect": ("EU: 40 of 40", "LH-DOC-2026-0041"),
}


def test_from_the_scan_to_the_answer_for_five_readers(visit, world):
    page = visit(world.ev, width=390)
    settled(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 12 * 844, "at most twelve phone screens"
    assert page.locator(".status").bounding_box()["y"] < 400
    for name, (first, opened) in READERS.items():
        block = page.locator(f"#need-{name}")
        box = block.locator("summary").bounding_box()
        assert box["y"] + box["height"] <= 844, f"{name} is on the first screen"
        assert first in block.locator("summary").inner_text().replace("\u202f", " ")
        assert not block.locator("dl").is_visible()
        block.locator("summary").click()
        assert opened in block.locator("dl").inner_text(), f"{name}: one tap"
        block.locator("summary").click()
    assert not page.locator(".law").first.is_visible()
    page.locator("#law").check()
    assert page.locator(".law").first.is_visible()


def test_what_is_typed_with_blanks_leads_to_the_passport_and_a_slip_stays_in_the_field(visit, world):
    page = visit(f"{world.base}/look", width=390)
    page.locator("#q").fill("zzzpe10 a7k2m05 g6j 0000317")
    press(page, "Enter")
    page.wait_for_selector("h1:has-text('LH-NCM100-192S')")
    page.locator("a.find").click()
    page.locator("#q").fill("ZZZPE10A7K2M05G6J000031")
    page.get_by_role("button", name="Find it").click()
    assert "this has 23" in page.get_by_role("alert").inner_text()
    assert page.locator("#q").input_value() == "ZZZPE10A7K2M05G6J000031"


@pytest.mark.parametrize("path", ["/search?category=ev", "events"])
def test_a_list_keeps_its_links_readable_on_a_phone(visit, world, path):
    page = visit(world.base + path if path.startswith("/") else f"{world.page()}/{path}", width=390)
    lines = page.locator(".dl li > a").evaluate_all("all => all.map(link => link.getClientRects().length)")
    assert lines and max(lines) <= 4, "no link is a column of single letters"


def test_a_browser_without_a_detector_says_how_else_to_scan(browser, world):
    """Not by ``visit``: this is the one page whose policy lets a script of ours run."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{world.base}/scan")
    page.wait_for_function(
        "document.getElementById('scan-said').textContent || !document.getElementById('scan-start').hidden"
    )
    assert page.locator("#q").is_visible()
    context.close()


def test_the_code_on_the_page_leads_to_the_same_passport(visit, world):
    page = visit(world.page())
    image = Image.open(io.BytesIO(page.locator(".hqr svg").screenshot(scale="css")))
    assert zxingcpp.read_barcode(image.resize((image.width * 4, image.height * 4))).text == world.ev


def test_language_and_rules_are_switched_by_plain_links_and_kept(visit, world):
    page = visit(world.page())
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    page.get_by_role("link", name="中国", exact=True).click()
    expect(page.get_by_role("link", name="中国", exact=True)).to_have_attribute("aria-current", "true")
    assert "lang=zh" in page.url and "regime=cn" in page.url
    expect(page.locator(".law b", has_text="欧盟")).to_have_count(0)
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("link", name="China", exact=True)).to_have_attribute("aria-current", "true")
    assert "regime=cn" in page.url


def test_a_browser_that_asks_for_chinese_gets_chinese(visit, world):
    assert visit(world.page(), locale="zh-CN").locator("html").get_attribute("lang") == "zh"


def test_a_recycler_reads_the_condition_and_hands_the_role_on_without_a_cookie(as_recycler, world):
    page = as_recycler()
    assert "You are reading in a role: legitimate interest" in page.locator(".rolebar").inner_text()
    assert page.locator("#stateOfCertifiedEnergy").is_visible()
    assert page.get_by_text("State of certified energy (SOCE) over time").first.is_visible()
    assert page.locator(".tl li").count() >= 4
    page.get_by_role("button", name="中文").click()
    page.wait_for_selector("html[lang=zh]")
    expect(page.locator("#stateOfCertifiedEnergy")).to_be_visible()
    assert "access_token" not in page.url
    page.locator("#passport").fill(world.packs["lmt"])
    page.locator("#another button").click()
    page.wait_for_selector("h1:has-text('RS-IT612')")
    page.get_by_role("button", name="退出角色").click()
    page.wait_for_selector("#ask")
    expect(page.locator(".rolebar")).to_have_count(0)


def test_the_recyclers_file_is_saved_and_verifies(as_recycler, verified, tmp_path):
    page = as_recycler()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Saved passport").click()
    file = tmp_path / "view.jsonld"
    waiting.value.save_as(file)
    result = verified(json.loads(file.read_bytes()))
    assert result.locator("#verdict").inner_text().startswith("Verified.")
    assert "cannot prove that nothing else was left out" in result.locator("main").inner_text()


def test_a_wrong_presentation_opens_nothing_and_says_why(visit, world):
    page = visit(f"{world.base}/present?passport={world.ev}")
    first = page.locator("#challenge").inner_text()
    page.get_by_text("Paste it instead").click()
    page.locator("#presentation").fill(world.presentation("a-challenge-of-somebody-else"))
    page.locator("main form button").click()
    assert "This was not accepted." in page.get_by_role("alert").inner_text()
    assert page.locator("#challenge").inner_text() != first


def test_the_verifier_page_tells_a_good_file_from_a_changed_one(verified, tampered, world):
    good = verified(world.saved())
    assert good.locator("#verdict").inner_text().startswith("Verified. Nothing was changed since Example Operator")
    assert good.locator(".ck .passed").count() == 6
    bad = verified(tampered(world.saved()))
    assert "Do not rely on this file. The batch credential was changed" in bad.locator("#verdict").inner_text()
    assert bad.locator(".ck .failed").count() == 1


def test_the_report_is_saved_from_the_page_itself(verified, world, tmp_path):
    page = verified(world.saved(Audience.LEGITIMATE_INTEREST))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Report for machines").click()
    waiting.value.save_as(tmp_path / "report.json")
    report = json.loads((tmp_path / "report.json").read_bytes())
    assert report["verified"] is True
    assert [check["number"] for check in report["checks"]] == [1, 2, 3, 4, 5, 6]


def test_a_file_is_dropped_anywhere_in_the_frame_without_a_script(visit, world, tmp_path):
    """A drop as the browser itself gets one; outside an input it would open the file instead."""
    file = tmp_path / "ev.jsonld"
    file.write_text(json.dumps(world.saved()), encoding="utf-8")
    page = visit(f"{world.base}/verify", java_script_enabled=False)
    frame = page.locator(".drop").bounding_box()
    mouse = page.context.new_cdp_session(page)
    for part in (0.1, 0.95):
        at = {"x": frame["x"] + frame["width"] * part, "y": frame["y"] + frame["height"] * part}
        dragged = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            mouse.send("Input.dispatchDragEvent", {"type": kind, **at, "data": dragged})
        # The browser reads the file before the input has it.
        expect(page.locator("#file")).to_have_value(re.compile(r"ev\.jsonld$"))
        assert page.url.endswith("/verify"), "the browser opened the file"
        page.locator("main form button").click()
        page.wait_for_selector("#verdict")
        assert page.locator("#verdict").inner_text().startswith("Verified.")
        assert "ev.jsonld" in page.locator("#result h2").inner_text()
        page.goto(f"{world.base}/verify")


def test_the_answer_comes_into_view_with_its_sentence_first(verified, tampered, world):
    page = verified(tampered(world.saved()), "zh", width=390)
    assert page.url.endswith("#result")
    assert page.locator("#verdict").bounding_box()["y"] < 300
    assert page.locator("#verdict").inner_text().startswith("请勿依据此文件。")
    numbers = page.locator(".ck > li").evaluate_all("all => all.map(e => getComputedStyle(e, '::before').content)")
    assert len(numbers) == 6
    assert page.locator("code[lang=en]").count() <= 1


def test_a_pasted_passport_is_verified_with_the_keyboard_alone(visit, world):
    page = visit(f"{world.base}/verify")
    document = json.dumps(world.saved())
    paste_with_the_keyboard(page, "#text", document)
    tab(page)
    expect(page.locator("#about")).to_be_focused()
    tab(page)
    expect(page.locator("main form button")).to_be_focused()
    press(page, "Enter")
    page.wait_for_selector("#verdict")
    assert page.locator("#verdict").inner_text().startswith("Verified.")
    # From the answer on, the next stop is in it and not at the top of the page.
    tab(page)
    expect(page.locator("#result :focus")).to_have_count(1)


def test_a_role_is_shown_with_the_keyboard_alone(visit, world):
    page = visit(f"{world.base}/present?passport={world.ev}")
    presentation = world.presentation(page.locator("#challenge").inner_text())
    paste_with_the_keyboard(page, "#presentation", presentation)
    tab(page)
    expect(page.locator("#passport")).to_be_focused()
    press(page, "Enter")
    page.wait_for_selector(".rolebar")
    expect(page.locator("#stateOfCertifiedEnergy")).to_have_count(1)


def paste_with_the_keyboard(page, box: str, text: str) -> None:
    """Open the fold that holds ``box``, and put the text into it."""
    tab_to(page, "SUMMARY")
    press(page, "Enter")
    expect(page.locator(box)).to_be_visible()
    tab(page)
    expect(page.locator(box)).to_be_focused()
    page.keyboard.insert_text(text)
    expect(page.locator(box)).to_have_value(text)


def tab_to(page, tag: str) -> None:
    for _ in range(40):
        tab(page)
        if page.evaluate("document.activeElement.tagName") == tag:
            return
    raise AssertionError(f"the keyboard does not reach {tag}")


@pytest.mark.parametrize("name", ["passport", "verify", "present", "search"])
def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(visit, verified, world, name):
    address = {
        "passport": world.page(), "present": f"{world.base}/present", "search": f"{world.base}/search?category=ev",
    }  # fmt: skip
    page = verified(world.saved()) if name == "verify" else visit(address[name])
    settled(page)
    if name == "verify":
        # The answer is where the next Tab goes on from; this begins at the top.
        page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    tab(page)
    expect(page.locator(".skip")).to_be_focused()
    box = page.locator(".skip").bounding_box()
    assert box["x"] >= 0 and box["y"] >= 0, "the skip link is in view"
    press(page, "Enter")
    page.wait_for_url("**#main")
    seen = []
    for _ in range(400):
        tab(page)
        at = page.evaluate(
            "(() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.tagName, Math.round(e.getBoundingClientRect().top + scrollY), s.outlineStyle,"
            " parseFloat(s.outlineWidth)] })()"
        )
        if at[0] == "BODY":
            break
        seen.append(at)
    assert all(style == "solid" and width >= 2 for _, _, style, width in seen)
    # Every link, field and fold of the text, once: nothing is skipped and nothing traps the focus.
    reachable = "main a, main summary, main input:not([type=hidden]), main textarea, main select, main button,"
    wanted = page.locator(reachable + " footer a, main [tabindex='0']").evaluate_all(
        "all => all.filter(e => e.checkVisibility({contentVisibilityAuto: true})).length"
    )
    assert len(seen) == wanted
    assert wanted > {"passport": 30}.get(name, 2)


def test_a_fold_opens_with_the_keyboard(visit, world):
    page = visit(world.page())
    fold = page.locator("#need-fire summary")
    fold.focus()
    press(page, "Enter")
    expect(page.locator("#need-fire")).to_have_attribute("open", "")


def test_paper_shows_all_folds_and_none_of_the_switches(visit, as_recycler, world, tmp_path):
    page = visit(world.page())
    page.emulate_media(media="print")
    assert not page.locator(".sw").first.is_visible()
    assert not page.locator(".toc").is_visible()
    assert page.locator("section details .dt").first.is_visible()
    assert page.locator("footer .printonly").inner_text() == world.ev
    pages = page.pdf(format="A4", path=str(tmp_path / "public.pdf"))
    assert 5 <= pages.count(b"/Type /Page\n") + pages.count(b"/Type /Page ") <= 8
    restricted = as_recycler()
    restricted.emulate_media(media="print")
    assert "Restricted view, not for passing on." in restricted.locator("footer .printonly").inner_text()
    assert not restricted.locator("#another").is_visible()


def test_the_verifiers_answer_on_paper_has_all_details_and_no_form(verified, tampered, world, tmp_path):
    page = verified(tampered(world.saved(Audience.LEGITIMATE_INTEREST)))
    page.emulate_media(media="print")
    assert not any(form.is_visible() for form in page.locator("main form").all())
    assert page.locator("#verdict").is_visible()
    assert all(table.is_visible() for table in page.locator(".ck details table").all())
    assert page.locator("#report-h ~ ul code").first.is_visible()
    page.pdf(format="A4", path=str(tmp_path / "verification.pdf"))


def draw(visit, as_recycler, verified, tampered, world):
    """Screenshots for whoever wants to look, in the folder that ``PASSPORT_SHOTS`` names."""
    shots = Path(os.environ["PASSPORT_SHOTS"])
    for language in ("en", "zh"):
        for width, scheme in ((1200, "light"), (390, "dark"), (320, "light")):
            options = {"width": width, "color_scheme": scheme}
            restricted = world.saved(Audience.LEGITIMATE_INTEREST)
            for name, page in (
                ("passport", visit(f"{world.page()}?lang={language}", **options)),
                ("recycler", as_recycler(language, **options)),
                ("verify", verified(restricted, language, **options)),
                ("tampered", verified(tampered(restricted), language, **options)),
                ("present", visit(f"{world.base}/present?lang={language}&passport={world.ev}", **options)),
                ("home", visit(f"{world.base}/?lang={language}", **options)),
            ):
                file = Path(shots, f"{name}.{language}-{width}-{scheme}.png")
                page.screenshot(full_page=True, path=str(file))
                for number, figure in enumerate(page.locator("figure, .tl").all()):
                    figure.screenshot(path=str(file.with_suffix(f".figure{number}.png")))


if "PASSPORT_SHOTS" in os.environ:
    test_screenshots_are_drawn = draw
