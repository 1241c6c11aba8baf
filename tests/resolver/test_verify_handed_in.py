"""Whatever somebody hands in gets a sentence that is true, in the reader's language, and no more than was checked."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.commands.keeping.init import make_project
from passport.credentials.credential import date_time
from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.proofs.data_integrity import add_proof
from passport.reports import qr_code
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher
from tests.resolver.conftest import BASE, EXAMPLES, NOW, make_operator, make_site

LATIN_SENTENCE = re.compile(r"\b[a-z]+(?: [a-z]+){2,}")
#: What stays as it is in both languages: an address, the name of a standard or of a command.
NAMES = re.compile(r"passport verify|VC Data Model|passport show ID --as AUDIENCE --save FILE|JSON-LD|JWT")


def said(answer, language: str) -> str:
    """The page's words, without machine detail; the parts that are always there are left out too."""
    main = re.search(r"<main.*?</main>", answer.text, re.DOTALL)[0]
    main = re.sub(r"<form.*?</form>", " ", main, flags=re.DOTALL)
    main = re.sub(r'<code[^>]*lang="en".*?</code>', " ", main, flags=re.DOTALL)
    text = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())
    if language == "zh":
        assert not LATIN_SENTENCE.search(NAMES.sub("", text)), text
    else:
        assert not re.search(r"[\u4e00-\u9fff]", text), text
    assert "Traceback" not in answer.text
    return text


def post(site, data: bytes, language: str, name: str = "file"):
    return site.client.post(
        f"/verify?lang={language}",
        data={"file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
        headers={"Accept": "text/html"},
    )


def saved(site, audience: Audience = Audience.PUBLIC) -> dict:
    return json.loads(json.dumps(site.presenter.present(site.ev, audience).presentation()))


def pack(document: dict) -> dict:
    return next(member for member in document["verifiableCredential"] if "BatteryPassportCredential" in member["type"])


def resigned(site, by: Issuer | None = None, **changes) -> dict:
    """The pack credential alone, signed again with other content; None takes a property out."""
    unsigned = {key: value for key, value in pack(saved(site)).items() if key != "proof"} | changes
    unsigned = {key: value for key, value in unsigned.items() if value is not None}
    return (by or site.operator.issuer).issue(unsigned, created=NOW - timedelta(minutes=1))


def stranger() -> Issuer:
    key = PrivateKey.generate(Algorithm.P256)
    return Issuer(key.public_key.did_key, KeySigner(key))


def changed_value(site):
    document = saved(site)
    pack(document)["credentialSubject"]["serialNumber"] = "0000001"
    return document


def changed_signature(site):
    document = saved(site)
    proof = pack(document)["proof"]
    proof["proofValue"] = proof["proofValue"][:-1] + ("2" if proof["proofValue"][-1] != "2" else "3")
    return document


def other_key(site):
    document = saved(site)
    proof, did = pack(document)["proof"], stranger().id
    proof["verificationMethod"] = f"{did}#{did.removeprefix('did:key:')}"
    return document


def unsigned(site):
    document = saved(site)
    del pack(document)["proof"]
    return document


def without_lists(site):
    text = json.dumps(saved(site)).replace(f"{BASE}/status/", "https://elsewhere.example/status/")
    document = json.loads(text)
    members = [
        {key: value for key, value in member.items() if key != "proof"}
        for member in document["verifiableCredential"]
        if "BitstringStatusListCredential" not in member["type"]
    ]
    document["verifiableCredential"] = [site.operator.issuer.issue(member, created=NOW) for member in members]
    return document


def stale_list(site):
    document = without_lists(site)
    old = next(m for m in saved(site)["verifiableCredential"] if "BitstringStatusListCredential" in m["type"])
    old = {key: value for key, value in old.items() if key != "proof"}
    text = json.dumps(old).replace(f"{BASE}/status/", "https://elsewhere.example/status/")
    old = json.loads(text) | {
        "validUntil": date_time(NOW - timedelta(days=1)),
        "validFrom": date_time(NOW - timedelta(days=2)),
    }
    document["verifiableCredential"].append(site.operator.issuer.issue(old, created=NOW - timedelta(days=2)))
    return document


def as_jwt(site):
    plain = {key: value for key, value in pack(saved(site)).items() if key != "proof"}
    return enveloping.secure(plain, site.operator.issuer).encode()


def as_sd_jwt(site):
    plain = {key: value for key, value in pack(saved(site)).items() if key != "proof"}
    return enveloping.secure_selectively(plain, site.operator.issuer, ["/credentialSubject/serialNumber"]).encode()


def by_another(site):
    """Signed by somebody, in the name of the issuer: an issuer of ours refuses to do that."""
    unsigned = {key: value for key, value in pack(saved(site)).items() if key != "proof"}
    return add_proof(unsigned, stranger().signer, cryptosuite="ecdsa-rdfc-2019", created=NOW)


def with_unknown_keys(site):
    key = PrivateKey.generate(Algorithm.P256)
    who = Issuer("did:web:a.example", KeySigner(key, "did:web:a.example#1"))
    return resigned(site, who, issuer=who.id, credentialStatus=None)


DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
GOOD = (
    "Verified. Nothing was changed since Example Operator signed it, and it is not withdrawn as of",
    "核验通过。自示例运营者签名以来内容未被更改，截至",
)
BAD = ("Do not rely on this file.", "请勿依据此文件。")
OPEN = ("Not fully checked.", "未能完全核验。")
UNREAD = ("This cannot be read as a passport, so nothing was checked.", "无法作为护照读取，未进行任何核验。")
CASES: dict[str, tuple[Callable, tuple[str, str], tuple[str, str]]] = {
    "public": (saved, GOOD, ("each is whole", "这些凭证均完整")),
    "recycler": (lambda s: saved(s, Audience.LEGITIMATE_INTEREST), GOOD, ("nothing else was left out", "省略其他内容")),
    "authority": (lambda s: saved(s, Audience.MARKET_SURVEILLANCE), GOOD, ("In the vocabulary", "词汇表中")),
    "jwt": (as_jwt, GOOD, ("vc+jwt ES256", "vc+jwt ES256")),
    "sd-jwt": (as_sd_jwt, GOOD, ("vc+sd-jwt ES256", "vc+sd-jwt ES256")),
    "changed value": (
        changed_value,
        BAD,
        ("was changed after it was signed, or never signed", "在签名后被更改，或从未由"),
    ),
    "changed signature": (changed_signature, BAD, ("after it was signed, or never signed", "在签名后被更改，或从未由")),
    "another key": (other_key, BAD, ("The pack credential", "电池包凭证")),
    "unsigned": (unsigned, BAD, ("The pack credential is not signed.", "电池包凭证没有签名。")),
    "expired": (
        lambda s: resigned(s, validFrom="2026-01-01T00:00:00Z", validUntil="2027-01-01T00:00:00Z"),
        BAD,
        ("expired 1 January 2027, 00:00 UTC", "已于2027年1月1日08:00（UTC+8）过期"),
    ),
    "not yet valid": (
        lambda s: resigned(s, validFrom="2028-01-01T00:00:00Z"),
        BAD,
        ("valid only from 1 January 2028", "自2028年1月1日08:00（UTC+8）起方生效"),
    ),
    "unknown issuer": (
        lambda s: resigned(s, who := stranger(), issuer=who.id, credentialStatus=None),
        BAD,
        (
            "not on the trust list for it. Nothing was changed since it was signed.",
            "未获信任名录认可。签名以来内容未被更改。",
        ),
    ),
    "signed by another": (by_another, BAD, ("not signed with a key of its issuer", "不是由其签发方的密钥签名的")),
    "unknown keys": (with_unknown_keys, BAD, ("is not on the trust list for it.", "未获信任名录认可。")),
    "no status list": (
        without_lists,
        OPEN,
        ("whether it was withdrawn since could not be checked", "此后是否被撤销未核验"),
    ),
    "stale status list": (
        stale_list,
        OPEN,
        ("the status list at hand does not count: it is past its time", "现有状态列表不可采信：已过有效期"),
    ),
    "unknown context": (
        lambda s: resigned(s) | {"@context": ["https://www.w3.org/ns/credentials/v2", "https://a.example"]},
        OPEN,
        ("contexts are never fetched", "上下文从不联网获取"),
    ),
    "undefined term": (lambda s: resigned(s) | {"price": "1"}, BAD, ("no context defines", "上下文未定义")),
    "not a credential": (lambda s: {"hello": "world"}, BAD, ("It is no Verifiable Credential.", "它不是可验证凭证。")),
    "a list": (lambda s: [], BAD, ("It is no Verifiable Credential.", "它不是可验证凭证。")),
    "two documents": (
        lambda s: b'{"a":1}\n{"b":2}',
        UNREAD,
        ("Give one document at a time.", "请每次只提供一份文档。"),
    ),
    "web page": (lambda s: b"<!doctype html><title>x", UNREAD, ("It is a web page.", "这是网页。")),
    "pdf": (lambda s: b"%PDF-1.7\n", UNREAD, ("It is a PDF document.", "这是PDF文件。")),
    "picture": (lambda s: qr_code.png(s.ev), UNREAD, ("Scan the code with a camera", "请用相机扫描二维码")),
    "workbook": (
        lambda s: (EXAMPLES / "lmt-ebike.xlsx").read_bytes(),
        UNREAD,
        ("Passports are issued from", "工作簿用于"),
    ),
    "address": (lambda s: s.ev.encode(), UNREAD, ("It is an address, not a passport.", "这是网址，不是护照。")),
    "text": (lambda s: b"good morning", UNREAD, ("It is text, and not JSON.", "这是文本，不是JSON。")),
    "other token": (
        lambda s: b"eyJ0eXAiOiJkYytqd3QifQ.e30.AA",
        OPEN,
        ("application/dc+jwt cannot be checked", "本版本无法核验application/dc+jwt"),
    ),
    "nameless token": (lambda s: b"e30.e30.AA", UNREAD, ("does not say its kind", "未注明类型的令牌")),
    "nested deeply": (lambda s: DEEP, UNREAD, ("nested too deeply", "嵌套过深")),
    "zip bomb of brackets": (lambda s: b"[" * 100_000, UNREAD, ("nested too deeply", "嵌套过深")),
    "binary": (lambda s: bytes(range(256)), UNREAD, ("It is not well-formed", "格式有误")),
    "empty": (lambda s: b"", ("There was no file and no text.", "未提供文件或文本。"), ("", "")),
    "two megabytes": (lambda s: b" " * 2_000_000, ("This is larger than 1 MB", "内容超过1 MB"), ("", "")),
}


@pytest.mark.product(of=4)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_each_kind_of_file_gets_its_sentence(site, name, language):
    make, judgement, detail = CASES[name]
    made = make(site)
    answer = post(site, made if isinstance(made, bytes) else json.dumps(made).encode(), language)
    assert answer.status_code in (200, 400, 413)
    index = ("en", "zh").index(language)
    text = said(answer, language)
    assert judgement[index] in text
    assert detail[index] in text
    if judgement is not GOOD:
        assert GOOD[index][:9] not in text
        whole = judgement is OPEN or name in ("expired", "not yet valid", "unknown issuer")
        assert ("each is whole", "这些凭证均完整")[index] not in text or whole


def test_what_became_of_a_passport_since_is_said(tmp_path):
    """Suspended, then superseded, by the list of the day; the file is from before."""
    operator = make_operator(tmp_path, "lmt-ebike")
    publisher = RememberingPublisher(
        operator.store, operator.issuer, BASE, vocabulary.load(), tuple(vocabulary.regimes().values())
    )
    site, subject = make_site(operator, tmp_path), operator.packs["lmt"]
    before = json.dumps(site.presenter.present(subject, Audience.PUBLIC).presentation()).encode()
    site.later(minutes=30)
    publisher.suspend(subject, reason="recall", at=site.clock[0])
    assert "The pack credential is suspended by its issuer." in said(post(site, before, "en"), "en")
    assert "电池包凭证已被签发方暂停。" in said(post(site, before, "zh"), "zh")
    record = example_records("lmt-ebike.xlsx")[0]
    corrected = replace(record, pack={**record.pack, "batchNumber": "2601D"})
    site.later(minutes=30)
    publisher.issue([corrected], at=site.clock[0], replace=True, reason="batch corrected")
    english, chinese = said(post(site, before, "en"), "en"), said(post(site, before, "zh"), "zh")
    assert "The pack credential was withdrawn by its issuer." in english and "Fetch the current one" in english
    assert "电池包凭证已被签发方撤销。" in chinese and "请通过产品上的地址获取现行护照" in chinese


def test_the_trust_list_of_another_site_does_not_make_its_issuer_known_here(site, tmp_path):
    other = make_project(tmp_path / "other", "https://other.example", names={"en": "Other", "zh": "他方"})
    foreign = resigned(site, other.issuer_with_key(None), issuer=other.issuer, credentialStatus=None)
    assert "not on the trust list" in said(post(site, json.dumps(foreign).encode(), "en"), "en")
