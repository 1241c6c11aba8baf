"""The verifier page: the same checks as the command, nothing kept, nothing fetched, nothing told about this machine."""

from __future__ import annotations

import base64
import html
import io
import json
import re
import socket
import zlib
from datetime import timedelta

import pytest

from passport.belonging import passport_verifier
from passport.credentials.verification_result import CHECKS
from passport.texts import say
from passport.vocabulary.vocabulary import Audience
from tests.each import each

HTML = {"Accept": "text/html"}


def post(site, data: bytes, *, name: str = "ev.jsonld", lang: str = "en"):
    form = {"file": (io.BytesIO(data), name)}
    return site.client.post(f"/verify?lang={lang}", data=form, content_type="multipart/form-data", headers=HTML)


def paste(site, text: str, lang: str = "en"):
    return site.client.post(f"/verify?lang={lang}", data={"text": text}, headers=HTML)


def words(answer) -> str:
    text = re.sub(r"<(style|head).*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def saved(site, audience: Audience = Audience.PUBLIC) -> dict:
    return site.presenter.present(site.ev, audience).presentation()


def text_of(document) -> bytes:
    return json.dumps(document, ensure_ascii=False).encode()


def files(answer) -> dict[str, bytes]:
    """The reports that the page carries, by media type."""
    found = re.findall(r'href="data:([^;]+);[^"]*base64,([^"]+)"', answer.text)
    return {media_type: base64.b64decode(html.unescape(data)) for media_type, data in found}


def sheet_of(answer) -> str:
    """What the page of an answer hands back for the PDF."""
    return html.unescape(re.search(r'name="sheet" value="([^"]+)"', answer.text)[1])


def pdf_of(site, answer, lang: str = "en"):
    return site.client.post(f"/verify/report.pdf?lang={lang}", data={"sheet": sheet_of(answer)})


def unpacked(pdf: bytes) -> list[bytes]:
    """The streams of a PDF, readable."""
    streams = re.findall(rb"/Filter \[([^]]*)\][^>]*>>\s*stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    return [
        zlib.decompress(base64.a85decode(b"<~" + data.strip(), adobe=True) if b"ASCII85" in filters else data)
        for filters, data in streams
    ]


def tampered(document: dict) -> dict:
    changed = json.loads(json.dumps(document))
    changed["verifiableCredential"][1]["credentialSubject"]["serialNumber"] = "0000001"
    return changed


@each("lang", ["en", "zh"])
def test_a_good_file_gets_one_plain_sentence_and_six_passed_checks(site, lang):
    answer = post(site, text_of(saved(site)), lang=lang)
    assert answer.status_code == 200
    start = {"en": "Verified. Nothing was changed since Example Operator signed it", "zh": "核验通过。自示例运营者签名"}
    assert start[lang] in words(answer)
    # The tally and six checks; then each member of the file, status lists among them.
    assert answer.text.count('class="o passed"') == 7 + len(saved(site)["verifiableCredential"])
    for number in CHECKS:
        assert say(CHECKS[number], lang).lower() in words(answer).lower()


def test_a_tampered_file_is_called_so_and_the_later_checks_are_not_reached(site):
    answer = post(site, text_of(tampered(saved(site))))
    assert answer.status_code == 200
    assert "Do not rely on this file. The batch credential was changed after it was signed" in words(answer)
    assert "Verified." not in words(answer)


def test_pasted_text_counts_like_a_file(site):
    assert "Verified." in words(paste(site, text_of(saved(site)).decode()))
    assert "Result for the pasted text" in words(paste(site, text_of(saved(site)).decode()))


def test_the_report_in_the_page_is_what_the_verifier_says(site):
    document = saved(site)
    answer = post(site, text_of(document))
    encoded = re.search(r'href="data:application/json;base64,([^"]+)" download="verification.json"', answer.text)
    lists = {entry["id"]: entry for entry in document["verifiableCredential"] if "/status/" in entry["id"]}
    trust_list = site.app.extensions["resolver"].config.trust_list
    expected = passport_verifier(trust_list, status_lists=lists).verify(document, at=site.clock[0]).to_json()
    assert json.loads(base64.b64decode(html.unescape(encoded[1]))) == json.loads(json.dumps(expected))


def test_a_program_gets_the_report_itself(site):
    answer = site.client.post(
        "/verify", data=text_of(saved(site)), content_type="application/vp", headers={"Accept": "application/json"}
    )
    assert answer.json["verified"] is True
    assert [check["number"] for check in answer.json["checks"]] == [1, 2, 3, 4, 5, 6]
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_what_a_derived_view_hides_is_counted_and_not_claimed_to_exist(site):
    answer = post(site, text_of(saved(site, Audience.LEGITIMATE_INTEREST)))
    said = words(answer)
    assert "What was hidden from you" in said
    assert "In the vocabulary" in said
    assert "cannot prove that nothing else was left out" in said
    assert "each is whole" in words(post(site, text_of(saved(site))))


def test_an_old_status_list_in_the_file_does_not_outlive_a_withdrawal_in_our_store(make_operator, make_site, tmp_path):
    """The file carries yesterday's list; the site knows today's."""
    from passport.vocabulary import vocabulary
    from tests.remembering_publisher import RememberingPublisher

    operator = make_operator(tmp_path, "ev-ncm-100kwh")
    site = make_site(operator, tmp_path)
    document = saved(site)
    publisher = RememberingPublisher(
        operator.store,
        operator.issuer,
        site.app.extensions["resolver"].config.base_url,
        vocabulary.load(),
        tuple(vocabulary.regimes().values()),
    )
    publisher.revoke(site.ev, reason="mass corrected", at=site.clock[0] + timedelta(minutes=1))
    site.later(minutes=5)
    answer = post(site, text_of(document))
    assert "Do not rely on this file. The pack credential was withdrawn" in words(answer)


def test_a_file_without_its_lists_from_elsewhere_is_not_fully_checked(site, make_site, tmp_path):
    document = saved(site)
    document["verifiableCredential"] = [
        member for member in document["verifiableCredential"] if "/status/" not in member["id"]
    ]
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    elsewhere = make_site(site.operator, folder, base_url="https://elsewhere.example")
    answer = post(elsewhere, text_of(document))
    assert "Not fully checked." in words(answer)
    assert "whether it was withdrawn since could not be checked" in words(answer)


@each(
    "data",
    [b"", b"   ", b"not json", b"\xff\xfe", b'{"a":1,"a":2}', b"[" * 5000, b"null", b"[]", b"42", b'"text"'],
)
def test_nonsense_gets_a_sentence_and_never_an_error_page(site, data):
    answer = post(site, data)
    assert answer.status_code in (200, 400)
    said = words(answer)
    assert "There was no file" in said or "cannot be read as a passport" in said or "Do not rely on this file" in said


def test_a_body_that_is_too_large_is_refused(site):
    assert post(site, b" " * 1_100_000).status_code == 413


@each("name", ["<script>alert(1)</script>.jsonld", "../../etc/passwd", 'a"onmouseover="x', "\u202ex"])
def test_a_file_name_is_text_and_nothing_else(site, name):
    answer = post(site, text_of(saved(site)), name=name)
    assert "<script" not in answer.text
    assert "onmouseover=" not in answer.text
    assert "/etc/" not in answer.text
    assert "\u202e" not in answer.text


def test_markup_in_a_credential_is_text(site):
    document = tampered(saved(site))
    document["verifiableCredential"][0]["type"].append("<img src=x onerror=alert(1)>")
    document["verifiableCredential"][0]["id"] = "<svg onload=alert(1)>"
    answer = post(site, text_of(document))
    assert "<img" not in answer.text
    assert "<svg onload" not in answer.text


def test_nobody_is_asked_and_nothing_is_kept(site, monkeypatch, tmp_path):
    document = saved(site)
    document["verifiableCredential"][0]["credentialStatus"] = [
        {
            "id": "https://evil.example/status/1#7",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://evil.example/status/1",
        }
    ]
    before = sorted(tmp_path.rglob("*"))
    with monkeypatch.context() as patch:
        patch.setattr(socket.socket, "connect", lambda *_: pytest.fail("a request to somebody"))
        assert post(site, text_of(document)).status_code == 200
    assert sorted(tmp_path.rglob("*")) == before


def test_the_answer_is_kept_by_no_cache(site):
    answer = post(site, text_of(saved(site)))
    assert "no-store" in answer.headers["Cache-Control"]
    assert "ETag" not in answer.headers


def test_the_page_says_whose_list_decides_and_not_where_it_lies(site):
    said = site.client.get("/verify", headers=HTML).text
    assert "Example Operator" in said
    document = saved(site)
    folder = site.operator.project.folder
    assert site.app.extensions["resolver"].config.trust_list.issuers
    for answer in (post(site, text_of(document)), post(site, text_of(tampered(document)))):
        assert str(folder) not in answer.text and str(folder.parent) not in answer.text
        # The name of the file is that of the list to download, and of the copy in the command for the reader.
        own = answer.text.replace('<a href="/trusted-issuers.json" download="trusted-issuers.json">', "")
        assert "trusted-issuers.json" not in own.replace("--trust trusted-issuers.json</code>", "")
        reports = files(answer)
        assert set(reports) == {"application/json", "text/html"}
        for data in (*reports.values(), *unpacked(pdf_of(site, answer).data)):
            assert b"trusted-issuers.json" not in data and str(folder).encode() not in data


def test_the_page_stays_within_its_budget(site):
    """The page and its style sheet; then what it carries besides, since nothing is kept here: the reports to save."""
    answer = post(site, text_of(saved(site, Audience.CN_REGULATOR)))
    style = len(site.client.get("/static/passport.css").data)
    carried = sum(len(address) for address in re.findall(r'href="(data:[^"]+)"', answer.text))
    assert len(answer.data) - carried + style < 60_000
    sizes = {media_type: len(data) for media_type, data in files(answer).items()}
    assert sizes["application/json"] < 20_000 and sizes["text/html"] < 10_000
    assert len(answer.data) + style < 100_000


@each("lang", ["en", "zh"])
def test_the_report_is_pdf_by_the_form_of_the_answer(site, lang):
    answer = pdf_of(site, post(site, text_of(saved(site)), lang=lang), lang=lang)
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-")
    assert "no-store" in answer.headers["Cache-Control"] and "attachment" in answer.headers["Content-Disposition"]
    shown = b"".join(unpacked(answer.data))
    assert b"ev.jsonld" in shown


@each("change", [
    lambda text: "", lambda text: "x", lambda text: text[:-4] + "AAA=", lambda text: "A" + text[1:],
    lambda text: text.partition(".")[0], lambda text: text + ".x", lambda text: "é" + text,
])  # fmt: skip
def test_a_report_that_this_site_did_not_seal_is_refused(site, change):
    sheet = sheet_of(post(site, text_of(saved(site))))
    answer = site.client.post("/verify/report.pdf", data={"sheet": change(sheet)})
    assert answer.status_code == 400 and answer.mimetype == "application/problem+json"
