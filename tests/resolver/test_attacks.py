"""What strangers send, and what a hostile issuer writes into a passport: nothing of it is run, believed or kept."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from passport.battery import vocabulary as vocabulary_module
from passport.battery.record import Record
from passport.battery.vocabulary import Carrier, Category, Datatype
from passport.publisher import Publisher
from passport.store import Store

BASE = "https://passport.example.com"
GTIN = "/01/09529999001009"
PACK = f"{GTIN}/21/A7K2M05G6J0000317"
HTML = {"Accept": "text/html"}
SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202e</td>"
LINK = "javascript:alert(1)"
SERIAL = "\"><xmp>'&%41"
HOSTILE = f"{BASE}/id/{quote('<svg onload=alert(1)>', safe='')}/{quote(SERIAL, safe='')}"
VOCABULARY = vocabulary_module.load()
TEXTS = {Datatype.STRING: SCRIPT, Datatype.ANY_URI: LINK, Datatype.LANG_STRING: {"en": SCRIPT, "zh": SCRIPT},
         Datatype.DECIMAL: "1.5", Datatype.INTEGER: 3, Datatype.BOOLEAN: True, Datatype.DATE: "2026-06-18",
         Datatype.DATE_TIME: "2026-06-18T00:00:00Z", Datatype.DURATION: "PT10S"}  # fmt: skip


# --- what an issuer may write ---------------------------------------------------------------------------------------


class Unjudged(Publisher):
    """Signs what it is given: no shape keeps a script out of a text."""

    def check(self, records, *, on):
        return tuple((record, None) for record in records)


def hostile_record() -> Record:
    def value(kind: Any) -> Any:
        if getattr(kind, "fields", ()):
            return {field.name: value(field) for field in kind.fields if not field.personal_data}
        if kind.datatype is Datatype.ENUM:
            return next(iter(kind.enumeration.codes)).code
        return TEXTS[kind.datatype]

    parts: dict[Carrier, dict[str, Any]] = {carrier: {} for carrier in Carrier}
    for indicator in VOCABULARY.indicators.values():
        if not indicator.personal_data and indicator.id not in ("gtin", "packTractionBatteryCode"):
            said = value(indicator)
            parts[indicator.carrier][indicator.id] = [said] if indicator.repeatable else said
    model = {**parts[Carrier.MODEL], **parts[Carrier.MODEL_DETAIL], "batteryCategory": "ev",
             "batteryModelIdentifier": "<svg onload=alert(1)>"}  # fmt: skip
    pack = {**parts[Carrier.PASSPORT], "batteryIdentifier": HOSTILE, "serialNumber": SERIAL}
    condition = {"recordedAt": "2026-06-18T00:00:00Z", **parts[Carrier.CONDITION]}
    return Record(Category.EV, model, pack, condition, {"production": parts[Carrier.EVENT]})


@pytest.fixture(scope="module")
def hostile(operator):
    store = Store.open("sqlite://")
    Unjudged(store, operator.issuer, BASE, VOCABULARY, ()).issue(
        [hostile_record()], at=datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
    )
    return replace(operator, store=store, packs={"ev": HOSTILE})


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    handle_startendtag = handle_starttag


def assert_harmless(text: str) -> None:
    page = Page(text)
    assert not page.tags & {"script", "iframe", "object", "embed", "base", "xmp", "img"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name == "srcdoc"]
    for name, value in page.attributes:
        if name in ("href", "src", "action", "formaction", "xlink:href"):
            assert not value.strip().lower().startswith(("javascript:", "vbscript:", "data:text")), value
    assert "49\u202e" not in text  # {{7*7}} was not calculated


@pytest.mark.parametrize("audience", [None, "legitimate-interest", "cn-regulator", "market-surveillance"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_text_of_a_passport_becomes_markup(hostile, make_site, tmp_path, audience, language):
    site = make_site(hostile, tmp_path)
    headers = {**HTML, **(site.bearer(audience) if audience else {})}
    for subject in (HOSTILE, HOSTILE.rpartition("/")[0]):
        answer = site.client.get(site.path(subject) + f"?lang={language}", headers=headers)
        assert answer.status_code == 200
        assert "&lt;script&gt;" in answer.text or subject != HOSTILE
        assert_harmless(answer.text)


@pytest.mark.parametrize("path", ["/search?model=svg", "/search?category=ev", "/issuers", "/"])
def test_no_text_of_a_passport_becomes_markup_in_a_list(hostile, make_site, tmp_path, path):
    assert_harmless(make_site(hostile, tmp_path).client.get(path, headers=HTML).text)


def test_no_address_of_a_passport_but_a_web_address_becomes_a_link(hostile, make_site, tmp_path):
    site = make_site(hostile, tmp_path)
    path = HOSTILE.removeprefix(BASE)
    document = site.client.get(path, headers={"Accept": "application/linkset+json"}).json
    assert LINK not in json.dumps(document)
    answer = site.client.get(path + "?linkType=gs1:instructions")
    assert answer.status_code == 404
    assert "Location" not in answer.headers


def test_a_hostile_serial_keeps_its_one_address(hostile, make_site, tmp_path):
    site = make_site(hostile, tmp_path)
    answer = site.client.get(HOSTILE.removeprefix(BASE))
    assert answer.headers["Location"] == BASE + "/passports" + HOSTILE.removeprefix(BASE)
    assert site.client.get(answer.headers["Location"].removeprefix(BASE), headers=HTML).status_code == 200


# --- what a reader may send -----------------------------------------------------------------------------------------


PLACES = (
    "/find?code={}", "/search?maker={}", "/search?code={}", f"{PACK}?linkType={{}}", f"{PACK}?lang={{}}",
    f"/passports{PACK}?format={{}}", f"/passports{PACK}?lang={{}}", f"/passports{PACK}?regime={{}}", "/id/{}/x",
    "/gbt34014/{}", "/01/{}", "/credentials/{}", "/status/{}", "/shapes/{}", "/dumps/{}", "/v1/dpps/{}", "/{}",
)  # fmt: skip
PAYLOADS = (
    SCRIPT, LINK, "\r\nX-Injected: 1\r\n\r\n<script>", "\u2028\u2029", "\x1b[31mred", "%0d%0aX-Injected:%201",
    "../" * 9, "${jndi:ldap://x}", "' OR '1'='1", "\U0001f600", "a" * 5000,
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_nothing_sent_comes_back_as_markup_header_or_log_line(site, caplog, place):
    caplog.set_level(logging.DEBUG)
    for payload in PAYLOADS:
        answer = site.client.get(place.format(quote(payload, safe="")), headers=HTML)
        assert answer.status_code < 500, payload
        assert "X-Injected" not in answer.headers
        assert not any("\n" in value or "\r" in value for _, value in answer.headers)
        if answer.mimetype == "text/html":
            assert_harmless(answer.text)
        where = answer.headers.get("Location", BASE)
        assert where.startswith(BASE + "/") or where == BASE, where
    for record in caplog.records:
        line = record.getMessage()
        assert "\n" not in line
        assert "<script>" not in line
        assert "X-Injected" not in line


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept-Language": "<script>, zh;q=x, " + "a," * 5000}, {"Accept": "text/html;q=" + "9" * 5000},
        {"Accept": "<script>/x"}, {"User-Agent": SCRIPT.encode("latin-1", "ignore").decode("latin-1")},
        {"Referer": "javascript:x"}, {"Cookie": "a=" + "b" * 4000}, {"If-None-Match": '"' + "a" * 5000},
        {"Range": "bytes=0-1,2-3," * 100}, {"Content-Length": "5"}, {"Authorization": "Bearer " + "a." * 5000},
        {"Authorization": "Basic eDp5"}, {"Authorization": ""}, {"If-Modified-Since": "never"},
    ],
    ids=str,
)  # fmt: skip
def test_a_strange_header_breaks_nothing(site, headers):
    answer = site.client.get(f"/passports{PACK}", headers=headers)
    assert answer.status_code in (200, 206, 304, 401, 406, 416)
    if answer.mimetype == "text/html":
        assert_harmless(answer.text)


# --- paths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{GTIN}/21/a%2F..%2F..%2Fb", f"{GTIN}/21/%2e%2e", f"{GTIN}/21/%252e%252e%252f", f"{GTIN}/21/a%00",
        f"{GTIN}%00/21/a", f"{GTIN}/21/a%5cb", f"{GTIN}/21/%c0%af", f"{GTIN}/21/%ff", f"{GTIN}/21/a%0a",
        "/01/０９５２９９９９００１００９", "/01/09529999001009;x=y", "/01//09529999001009", "/01/./09529999001009",
        "/01/../id/VO-HV13", f"{PACK}/..", f"{PACK}//", "/id/VО-HV13/VO26090001742",
        "/id/VO-HV13/VO2609\u200b0001742", "/id/VO-HV13/ VO26090001742", "/id/vo-hv13/VO26090001742",
        "/passports/passports" + GTIN, "/passports/https:/evil.example", "/passports" + GTIN + "/21/%2e%2e",
        "/passports//evil.example/01/09529999001009", "/static/..%2f..%2fpassport.css", "/shapes/%2e%2e/x.ttl",
        "/credentials/..%2f..%2fkeys%2fissuer.pem", "/keys/issuer.pem", "/passports.db", "/state.db", "/.git/config",
        "/passport.toml", "/dumps/%2e%2e%2fstate.db", "/v1/../token", "/v1/dpps/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd",
    ],
)  # fmt: skip
def test_a_path_that_plays_tricks_leads_to_no_passport_and_to_no_file(site, path):
    for prefix in ("", "/passports") if path.startswith(("/01", "/id")) else ("",):
        answer = site.client.get(prefix + path)
        assert answer.status_code in (307, 400, 404), path
        if answer.status_code == 307:  # at most to the model, by its own address
            assert urlsplit(answer.headers["Location"]).path in (f"/passports{GTIN}", "/passports/id/VO-HV13"), path
        assert "PRIVATE KEY" not in answer.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "//evil.example/%2e%2e", "/\\evil.example", "///evil.example" + PACK, "/%09/evil.example",
     "/find?code=https://evil.example" + PACK, f"/find?code={BASE}.evil.example{PACK}",
     f"/find?code={BASE}@evil.example", f"{PACK}?linkType=https://evil.example/", f"{PACK}?next=https://evil.example",
     f"{PACK}?url=//evil.example", "/passports?next=//evil.example", f"/find?code={BASE}{PACK}%23@evil.example"],
)  # fmt: skip
def test_nobody_is_sent_elsewhere(site, path):
    answer = site.client.get(path)
    where = answer.headers.get("Location")
    if where is not None:
        assert where.startswith(BASE + "/")
        assert urlsplit(where).netloc == "passport.example.com"


# --- caches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Original-URL",
     "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Forwarded-For", "Origin", "Referer", "User-Agent", "Cookie",
     "X-Forwarded-Scheme"],
)  # fmt: skip
@pytest.mark.parametrize("path", [f"/passports{PACK}?format=vp", f"/passports{PACK}", PACK, "/search?category=ev"])
def test_no_header_outside_the_cache_key_changes_an_answer(site, name, path):
    plain = site.client.get(path, headers=HTML)
    value = "POST" if "Method" in name else "evil.example"
    poisoned = site.client.get(path, headers={**HTML, name: value})
    assert (poisoned.status_code, poisoned.data) == (plain.status_code, plain.data)
    undated = [sorted(pair for pair in answer.headers if pair[0] != "Date") for answer in (plain, poisoned)]
    assert undated[0] == undated[1]
    assert "evil" not in poisoned.text + str(poisoned.headers)


def test_what_refuses_is_never_kept(site):
    for path in ("/nothing", f"/passports{PACK}?format=pdf", "/01/1", "/v1/nothing", "/search?limit=0&format=json"):
        assert site.client.get(path).headers["Cache-Control"] == "no-store", path


# --- bodies ---------------------------------------------------------------------------------------------------------


BODIES = {
    "too large": b'{"presentation": "' + b"a" * 1_100_000 + b'"}',
    "too deep": b'{"presentation": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep objects": b'{"presentation": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "twice the same key": b'{"presentation": {}, "presentation": {}}',
    "a number without end": b'{"presentation": ' + b"9" * 100_000 + b"}",
    "not a number": b'{"presentation": NaN}',
    "half a character": b'{"presentation": "\xed\xa0\x80"}',
    "a lone surrogate": b'{"presentation": "\\ud800"}',
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "zeros": b"\0" * 1000,
}


@pytest.mark.parametrize("path", ["/token", "/v1/dppsByProductIds"])
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_hostile_body_is_refused_and_not_repeated(site, path, body):
    answer = site.client.post(path, data=body, content_type="application/json")
    assert answer.status_code in (400, 413)
    assert len(answer.data) < 2000


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/xml", "application/jsonp", "x" * 999])
def test_a_body_of_another_kind_is_refused(site, content_type):
    for path in ("/token", "/v1/dppsByProductIds"):
        assert site.client.post(path, data=b"<x/>", content_type=content_type).status_code in (400, 415)
