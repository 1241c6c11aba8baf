"""The verifier page takes what ``passport verify`` takes: wrapped documents, other encodings, tokens and messages."""

from __future__ import annotations

import io
import json

from passport.credentials.envelopes import enveloping
from tests.each import each


def pack(site) -> dict:
    from passport.vocabulary.vocabulary import Audience

    saved = json.loads(json.dumps(site.presenter.present(site.ev, Audience.PUBLIC).presentation()))
    return next(member for member in saved["verifiableCredential"] if "BatteryPassportCredential" in member["type"])


def post(site, data: bytes, language: str = "en", accept: str = "text/html"):
    return site.client.post(
        f"/verify?lang={language}", data={"file": (io.BytesIO(data), "given.json")},
        content_type="multipart/form-data", headers={"Accept": accept},
    )  # fmt: skip


@each(
    ("write", "told"),
    [
        (lambda document: json.dumps({"verifiableCredential": document}).encode(), ("taken out of", "取自")),
        (lambda document: json.dumps([document]).encode(), ("only entry of a list", "唯一一项")),
        (lambda document: b"\xef\xbb\xbf" + json.dumps(document).encode(), ("byte order mark", "字节顺序标记")),
        (lambda document: json.dumps(document).encode("utf-16"), ("UTF-16", "UTF-16")),
        (lambda document: json.dumps(document, ensure_ascii=False).encode("gb18030"), ("GB18030", "GB18030")),
    ],
    ids=["VC API", "a list of one", "a mark", "UTF-16", "GB18030"],
)
def test_a_wrapped_document_is_verified_and_the_page_says_what_was_around_it(site, write, told):
    document = pack(site) | {}
    for language, words in zip(("en", "zh"), told, strict=True):
        answer = post(site, write(document), language)
        assert answer.status_code == 200
        assert 'class="o passed"' in answer.text
        if any(ord(letter) > 127 for letter in json.dumps(document, ensure_ascii=False)) or words != "GB18030":
            assert words in answer.text


def test_a_message_and_a_token_are_verified(site):
    plain = {key: value for key, value in pack(site).items() if key != "proof"}
    issuer = site.operator.issuer
    for data in (enveloping.secure_as_cose(plain, issuer), json.dumps(enveloping.secure(plain, issuer)).encode()):
        assert post(site, data, accept="application/json").json["verified"] is True


def test_a_presentation_as_a_message_is_verified(site):
    data = enveloping.secure_presentation_as_cose(
        [pack(site)], site.operator.issuer, challenge="c", domain="d", at=site.clock[0]
    )
    assert post(site, data, accept="application/json").json["verified"] is True


@each("data", [b'[{"a": 1}, {"b": 1}]', b'{"a": 1}{"b": 1}', b"\xff\xfe{", b"\xd2\x84\x40"])
def test_what_cannot_be_read_is_not_checked(site, data):
    answer = post(site, data)
    assert answer.status_code == 400
    assert "o passed" not in answer.text
