"""The one search: whatever is on a battery, as people type it, leads to its passport or says what to compare."""

from __future__ import annotations

import html
import re

from resolver import problems
from resolver.spellings import spellings
from tests.each import each

BASE = "https://passport.example.com"
CODE = "ZZZPE10A7K2M05G6J0000317"
HTML = {"Accept": "text/html"}


def look(client, text: str, **more):
    return client.get("/look", query_string={"q": text, **more}, headers=HTML)


@each(
    ("typed", "pack"),
    [
        (CODE, "ev"), (f"{CODE[:14]} {CODE[14:]}", "ev"), (f"{CODE[:7]}-{CODE[7:14]}-{CODE[14:]}", "ev"),
        (CODE.lower(), "ev"), ("\u200b" + CODE, "ev"), ("ＺＺＺ" + CODE[3:], "ev"),
        ("A7K2M05G6J0000317", "ev"), ("a7k2 m05-g6j 0000317", "ev"),
        ("RS260122-04417", "lmt"), ("rs260122 04417", "lmt"), ("RS26012204417", "lmt"), ("rs26012204417", "lmt"),
        ("ＲＳ２６０１２２０４４１７", "lmt"),
        ("RS260122–04417", "lmt"), ("RS 260122 / 04417", "lmt"), ("S/N: RS26012204417", "lmt"),
        ("序列号：RS260122-04417", "lmt"), ("(01)09529999001009(21)A7K2M05G6J0000317", "ev"),
        ("(01) 09529999001009 (10) LH100-2606-B03 (21) A7K2M05G6J0000317", "ev"), ("VO26090001742", "stationary"),
        (f"{BASE}/01/09529999001009/21/A7K2M05G6J0000317", "ev"),
        (f"{BASE}/passports/01/09529999001009/21/A7K2M05G6J0000317?lang=zh", "ev"),
        ("passport.example.com/id/VO-HV13/VO26090001742", "stationary"),
    ],
)  # fmt: skip
def test_what_is_on_a_battery_leads_to_its_passport_as_people_type_it(shared_site, typed, pack):
    answer = look(shared_site.client, typed, lang="zh")
    assert answer.status_code == 307, answer.text
    assert answer.headers["Location"] == BASE + shared_site.path(shared_site.operator.packs[pack]) + "?lang=zh"


@each("typed", ["09529999001009", "9529999001009", "9529 9990 0100 9"])
def test_a_gtin_leads_to_its_model(anonymous, typed):
    assert look(anonymous, typed).headers["Location"] == f"{BASE}/passports/01/09529999001009"


@each("typed", ["lanhu", "LH-NCM100", "lhncm100", "LH NCM 100", "澜湖", "lanhu ncm100", "ＬＡＮＨＵ"])
def test_a_maker_or_a_model_lists_what_fits(anonymous, typed):
    answer = look(anonymous, typed)
    assert answer.status_code == 200
    assert f'value="{html.escape(typed)}"' in answer.text, "what was typed stays in the field"
    assert "A7K2M05G6J0000317" in answer.text and "RS260122-04417" not in answer.text


@each(
    ("typed", "remark"),
    [
        ("09529999001000", "would have to end in 9"),
        ("(01)09529999001000(21)X", "would have to end in 9"), (CODE[:-1], "this has 23"),
        ("elsewhere.example/01/1", "of elsewhere"),
        ("nobody and nothing", "Nothing here has this name"), (f"{BASE}/nothing/here", "but of no passport"),
        ("<b>x</b>", "Nothing here"), ("%", "Nothing here"), ("x" * 5000, "this has 300"),
    ],
)  # fmt: skip
def test_what_is_not_found_stays_in_the_field_with_what_to_compare_beside_it(anonymous, typed, remark):
    answer = look(anonymous, typed)
    assert answer.status_code == 200 and "Location" not in answer.headers
    alert = re.search(r'<p class="s bad" id="q-hint" role="alert">(.*?)</p>', answer.text)
    assert alert and remark in html.unescape(alert[1])
    assert f'value="{html.escape(typed[:300])}"' in answer.text


def test_a_code_that_nobody_issued_says_so_and_offers_the_search_again(anonymous):
    answer = look(anonymous, CODE[:-1] + "8")
    assert answer.status_code == 404
    assert "No passport for code" in answer.text and f'value="{CODE[:-1]}8"' in answer.text


@each("path", ["/nothing", "/find?code=%21", "/passports/id/NONE", "/search?after=x&nonsense=1"])
def test_every_error_page_holds_the_search(anonymous, path):
    answer = anonymous.get(path, headers=HTML)
    assert answer.status_code >= 400 and 'action="/look"' in answer.text
    if "code=" in path:
        assert 'value="!"' in answer.text


def test_the_error_page_of_every_status_holds_the_search_and_what_was_typed(shared_site):
    statuses = sorted({status for _, status in problems.STATUS} | {401, 403, 404, 405, 410, 413, 414, 429, 500, 503})
    for status in statuses:
        for language in ("en", "zh"):
            with shared_site.app.test_request_context(f"/x?q=RS26-1&lang={language}", headers=HTML):
                page = problems.respond(problems.Problem(status, "some-code")).get_data(as_text=True)
            assert 'action="/look"' in page and 'value="RS26-1"' in page, (status, language)


def test_an_error_page_is_read_in_another_language_with_what_was_typed_and_nothing_else(anonymous):
    page = anonymous.get("/find?code=%21%26x&token=secret", headers=HTML).text
    assert 'href="?lang=zh&amp;code=%21%26x"' in page and "secret" not in page
    assert 'href="?lang=zh"' in anonymous.get("/nothing", headers=HTML).text
    # The address of a form takes no GET: a link would lead to another error.
    assert 'href="?lang=' not in anonymous.post("/look", headers=HTML).text


@each("typed", ["RS26012204417", "rs260122 04417", "RS260122-04417"])
def test_the_field_of_a_code_takes_a_serial_number_as_people_type_it(anonymous, shared_site, typed):
    answer = anonymous.get("/find", query_string={"code": typed})
    assert answer.status_code == 307 and answer.headers["Location"].endswith("/id/RS-IT612/RS260122-04417")
    listed = anonymous.get("/search", query_string={"code": typed, "format": "json"})
    assert [item["serial"] for item in listed.json["items"]] == ["RS260122-04417"]


def test_a_number_has_a_bounded_number_of_spellings():
    assert "RS260122-04417" in spellings("rs26012204417") and "A/BC/D" in spellings("abcd")
    assert max(len(spellings("A" * n)) for n in (1, 2, 20, 24, 25, 300)) < 1500
    assert spellings("") == ()


def test_only_the_page_with_the_camera_runs_a_script_and_may_use_a_camera(anonymous):
    scan = anonymous.get("/scan", headers=HTML)
    assert "script-src 'self'" in scan.headers["Content-Security-Policy"]
    assert "unsafe" not in scan.headers["Content-Security-Policy"]
    assert scan.headers["Permissions-Policy"].startswith("camera=(self)")
    assert 'action="/look"' in scan.text, "without a script nothing is lost"
    script = anonymous.get("/static/scan.js")
    assert script.mimetype == "text/javascript" and b"fetch" not in script.data and b"http" not in script.data
    for path in ("/", "/look?q=lanhu", "/search", "/verify"):
        answer = anonymous.get(path, headers=HTML)
        assert "script-src" not in answer.headers["Content-Security-Policy"] and "camera=()" in str(answer.headers)
        assert "<script" not in answer.text
