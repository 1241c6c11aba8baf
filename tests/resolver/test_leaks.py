"""Nobody gets what they may not have: one pack in which every leaf is unlike any other, searched for in every answer.

Each leaf that can be unique is a *canary*: a text, number, date or address that stands nowhere else. Every answer of
role x route x form x method is searched for the canaries that it may not hold: status line, headers, body, log lines.
A role is an audience with its purpose. The routes are held against the application's own list, so that a new one cannot
be forgotten. The opposite is checked too: what a role may read, it gets. Codes and booleans cannot be unique; there the
indicator's name is looked for instead, in the forms that programs read.

That there *is* something is told as little as what it is: a passport whose restricted data were never issued looks the
same, in every answer, to whoever may not read them.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import random
import re
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client

from passport.battery.privacy.rights import Right
from passport.battery.record import Record
from passport.presenting.presenter import Presenter
from passport.store import Store, StoredCredential
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL_DETAIL
from passport.vocabulary.vocabulary import Audience, Carrier, Category, Datatype
from resolver.forms.negotiation import FORMS
from resolver.serving.public_cache import Front
from tests.conftest import example_count, share
from tests.each import each
from tests.unjudged_publisher import UnjudgedPublisher

BASE = "https://passport.example.com"
GTIN = "/01/09529999001009"
PACK = f"{GTIN}/21/A7K2M05G6J0000999"
CODE = "ZZZPE10A7K2M05G6J0000999"
DPP = quote(f"{BASE}/passports{PACK}", safe="")
AT = "2199-12-31T23:59:59Z"
VOCABULARY = vocabulary_module.load()
#: What stands in addresses or has to be a code; nothing that is restricted.
KNOWN = {
    "gtin": "09529999001009", "batteryCategory": "ev", "packTractionBatteryCode": CODE,
    "batteryIdentifier": BASE + PACK, "serialNumber": "A7K2M05G6J0000999",
}  # fmt: skip
#: Names of indicators that no field bears too.
INDICATORS = set(VOCABULARY.indicators) - {f.name for one in VOCABULARY.indicators.values() for f in one.fields}
TURNS = 4 * example_count(1_250)
INTEREST = Audience.LEGITIMATE_INTEREST
#: Every audience, and the purpose that narrows one of them.
ROLES = (*(Right(audience, "recycling" if audience is INTEREST else None) for audience in Audience),
         Right(INTEREST, "purchase"))  # fmt: skip
PUBLIC = ROLES[0]


class Canaries:
    """Makes a record of nothing but canaries, and remembers which indicator each belongs to."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}
        self.count = 0

    def value(self, indicator: str, kind: Any) -> Any:
        self.count += 1
        number = self.count
        if getattr(kind, "fields", ()):
            return {field.name: self.value(indicator, field) for field in kind.fields if not field.personal_data}
        text, said = self._leaf(kind, number)
        if text is not None:
            self.of.setdefault(indicator, set()).add(text)
        return said

    @staticmethod
    def _leaf(kind: Any, number: int) -> tuple[str | None, Any]:
        word = f"canary{number:04d}x"
        day = (date(2100, 1, 1) + timedelta(days=number)).isoformat()
        match kind.datatype:
            case Datatype.DECIMAL:
                return f"91{number:04d}.5", f"91{number:04d}.5"
            case Datatype.INTEGER:
                return f"92{number:04d}7", int(f"92{number:04d}7")
            case Datatype.BOOLEAN:
                return None, True
            case Datatype.ENUM:
                return None, next(iter(kind.enumeration.codes)).code
            case Datatype.DATE:
                return day, day
            case Datatype.DATE_TIME:
                return day, f"{day}T00:00:00Z"
            case Datatype.DURATION:
                return f"PT93{number:04d}S", f"PT93{number:04d}S"
            case Datatype.ANY_URI:
                return word, f"https://canary.example/{word}"
            case Datatype.LANG_STRING:
                return word, {"en": word, "zh": word}
            case _:
                # A hash is longer than any VIN; what is shorter would be left out as a plain one.
                return word, word.ljust(50, "y") if getattr(kind, "term", "") == "vinHash" else word

    def record(self, readable: frozenset[str] | None = None) -> Record:
        """
        :param readable: the indicators that it may hold; None: all.
        """
        if readable is not None:
            return _only(self.record(), readable)
        self.count = 0
        parts: dict[Carrier, dict[str, Any]] = {carrier: {} for carrier in Carrier}
        for indicator in VOCABULARY.indicators.values():
            if indicator.personal_data:
                continue
            if indicator.id in KNOWN:
                parts[indicator.carrier][indicator.id] = KNOWN[indicator.id]
                continue
            value = self.value(indicator.id, indicator)
            parts[indicator.carrier][indicator.id] = [value] if indicator.repeatable else value
        condition = {"recordedAt": AT, "statusChangedAt": AT, **parts[Carrier.CONDITION]}
        model = {**parts[Carrier.MODEL], **parts[Carrier.MODEL_DETAIL], **parts[Carrier.BATCH]}
        return Record(Category.EV, model, parts[Carrier.PASSPORT], condition, {"production": parts[Carrier.EVENT]})


def _only(record: Record, readable: frozenset[str]) -> Record:
    def kept(part: dict) -> dict:
        return {key: value for key, value in part.items() if key in readable}

    condition = kept(record.condition)
    times = {key: AT for key in ("recordedAt", "statusChangedAt") if condition}
    production = kept(record.events["production"])
    return Record(
        record.category, kept(record.model), kept(record.pack), {**times, **condition} if condition else None,
        {"production": production} if production else {}, batch=kept(record.batch),
    )  # fmt: skip


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


def issued(operator, folder: Path, record: Record):
    """A site with one pack. The store is a file, since several threads read it."""
    store = Store.open(f"sqlite:///{folder}/passports.db")
    UnjudgedPublisher(store, operator.issuer, BASE, VOCABULARY, ()).issue(
        [record], at=datetime(2027, 3, 8, 8, 30, tzinfo=UTC)
    )
    return replace(operator, store=store, packs={"ev": BASE + PACK})


@pytest.fixture(scope="module")
def aviary(operator, tmp_path_factory, canaries):
    """The site with the one pack of canaries."""
    return issued(operator, tmp_path_factory.mktemp("aviary"), canaries.record())


@pytest.fixture
def site(aviary, make_site, tmp_path):
    return make_site(aviary, tmp_path)


EU_AUTHORITIES = (Audience.NOTIFIED_BODY, Audience.MARKET_SURVEILLANCE, Audience.COMMISSION)


def readable(role: Right) -> frozenset[str]:
    """What a role gets, by the ontology and not by the code that is tested.

    Who buys a battery reads nothing restricted of its model. The authorities of the EU read points 2 and 3 of Annex
    XIII (Art. 77(2)(b)). An event is shown to those who may read all of it.
    """
    allowed = frozenset(
        one.id for one in VOCABULARY.indicators.values()
        if Audience.PUBLIC in one.audiences
        or role.audience in one.audiences and not (role.purpose == "purchase" and one.carrier.about_model)
        or role.audience in EU_AUTHORITIES and (one.annex_xiii or "").startswith(("2", "3"))
    )  # fmt: skip
    events = {one.id for one in VOCABULARY.carried_by(Carrier.EVENT) if not one.personal_data}
    return allowed if events <= allowed else allowed - events


def forbidden(canaries: Canaries, role: Right) -> dict[str, str]:
    """Canary -> indicator, for everything that a role may not have."""
    allowed = readable(role)
    hidden = {word: name for name, words in canaries.of.items() if name not in allowed for word in words}
    if role == PUBLIC:
        hidden[AT[:10]] = "recordedAt"
    return hidden


def bearer(site, role: Right, packs: tuple[str, ...] = (BASE + PACK,)) -> dict[str, str]:
    """The headers of a reader in that role."""
    if role == PUBLIC:
        return {}
    credential = site.operator.grant(site.holder, role.audience, packs, purpose=role.purpose or "inspection")
    return {"Authorization": f"Bearer {site.ask(site.presentation(credential)).json['access_token']}"}


_SEPARATORS = re.compile(r"(?<=\d)[,'\u00a0\u2009\u202f ](?=\d{3})")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"]  # fmt: skip


#: Nearly all canaries. One look for all of them takes a fraction of one for each of a thousand.
_CANARY = re.compile(r"canary\d{4}x|9[12]\d{4}(?:\.5|7)|PT93\d{4}S|2[01]\d\d-\d\d-\d\d")


def found(text: str, hidden: dict[str, str]) -> set[str]:
    """Which hidden canaries stand in a text, also as people write numbers and dates."""
    plain = text + _SEPARATORS.sub("", text)
    words = _CANARY.findall(plain)
    leaks = {hidden[word] for word in hidden.keys() & set(words)}
    leaks |= {name for word, name in hidden.items() if not _CANARY.fullmatch(word) and word in plain}
    for year, month, day in re.findall(r"(2[01]\d\d)年(\d{1,2})月(\d{1,2})日", text):
        leaks |= {hidden[iso] for iso in [f"{year}-{int(month):02d}-{int(day):02d}"] if iso in hidden}
    for day, month, year in re.findall(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (2[01]\d\d)", text):
        iso = f"{year}-{_MONTHS.index(month) + 1:02d}-{int(day):02d}"
        leaks |= {hidden[iso]} if iso in hidden else set()
    return leaks


_STREAM = re.compile(rb"/Filter \[([^]]*)\][^>]*>>\s*stream\r?\n(.*?)endstream", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+)(\+\d+)? [\d.]+ Tf|\(((?:[^\\()]|\\.)*)\) Tj", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)


def words_of(pdf: bytes) -> str:
    """A PDF of ours as a text: its bytes, its unpacked streams, and the strings that its pages show.

    Latin fonts are subsets, whose codes of ASCII characters are their own; of the Chinese font the codes are UTF-16.
    """
    parts, shown = [pdf.decode("latin-1")], []
    for filters, data in _STREAM.findall(pdf):
        packed = base64.a85decode(b"<~" + data.strip(), adobe=True) if b"ASCII85Decode" in filters else data
        content = zlib.decompress(packed) if b"FlateDecode" in filters else packed
        parts.append(content.decode("latin-1"))
        coding = "latin-1"
        for font, subset, string in _SHOWN.findall(content):
            if font:
                coding = "latin-1" if subset or font == b"F1" else "utf-16-be"
                continue
            plain = _ESCAPED.sub(lambda one: bytes([int(one[1], 8)]) if one[1].isdigit() else one[1], string)
            shown.append(plain.decode(coding, "replace"))
    # What is broken into strings by a change of font is one text again, and lines stay words apart.
    return "\n".join((*parts, "".join(shown), " ".join(shown)))


def said(answer) -> str:
    """Everything in an answer: status line, headers, body; also with undone what escapes could hide."""
    body = words_of(answer.data) if answer.mimetype == "application/pdf" else answer.get_data(as_text=True)
    text = f"{answer.status}\n{answer.headers}\n{body}"
    return text + html.unescape(unquote(text)) if "%" in text or "&" in text else text


# --- routes ---------------------------------------------------------------------------------------------------------


#: The supervision desk and each actor's own page; ``/desk/leave`` last, since it ends the token of a form.
DESK = (
    "/desk", "/desk/alerts", "/desk/queries", "/desk/feeds", "/desk/feeds/alerts.atom", "/desk/alerts/0123456789ab",
    "/desk/alerts/0123456789ab/evidence", "/desk/alerts/0123456789ab/step", "/desk/packs/1",
    "/desk/actors/did:web:shop.example", "/desk/flows", "/desk/scrap", "/desk/search", "/desk/completeness",
    f"/desk/completeness/packs?model={quote(BASE + GTIN, safe='')}",
    "/desk/overdue", "/desk/looks", "/desk/reports/did:web:shop.example", "/duties", "/duties/report", "/desk/leave",
)  # fmt: skip


def routes(site) -> Iterator[str]:
    """Addresses whose answers depend on who asks."""
    for form in FORMS:
        yield f"/passports{PACK}?format={form.name}"
        yield f"/passports{GTIN}?format={form.name}"
    yield f"/passports{PACK}?format=html&lang=zh&regime=cn"
    yield f"/passports{PACK}?format=pdf&lang=en"
    yield f"/passports{PACK}?format=pdf&lang=zh"
    yield f"/passports{PACK}/events"
    yield f"/attestations{GTIN}"
    for form in ("html", "json", "vp"):
        yield f"/attestations{PACK}?format={form}"
    yield from DESK
    for type_, subject in ((MODEL_DETAIL, BASE + GTIN), (CONDITION, BASE + PACK), (EVENT, BASE + PACK)):
        yield site.operator.store.current(subject, type_).id.removeprefix(BASE)
    for tail in ("", "?representation=full", "?representation=x", *(
        "/elements/" + quote(f"$['{dimension}']", safe="") for dimension in VOCABULARY.dimensions
    )):  # fmt: skip
        yield f"/v1/dpps/{DPP}{tail}"
    yield f"/v1/dppsByProductId/{quote(BASE + PACK, safe='')}"
    yield f"/v1/dppsByIdAndDate/{DPP}?date=2027-03-08T09:30:00Z"
    yield f"/v1/dppsByIdAndDate/{DPP}?date=2020-03-08T09:30:00Z"


#: A query for each statement of the site.
STATEMENTS = "SELECT ?s ?p ?o ?g WHERE { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
#: Addresses that say the same to everybody.
SAME = (
    "/", PACK, GTIN, f"/gbt34014/{CODE}", f"{PACK}?linkType=linkset", f"{PACK}?linkType=gs1:certificationInfo",
    f"{PACK}?linkType=gs1:instructions", f"{GTIN}/21/UNKNOWN", f"/find?code={CODE}", "/search?format=json",
    f"/search?code={CODE}", "/search?maker=canary&format=json", "/issuers", "/dumps", "/dumps/passports.nq",
    "/dumps/passports.csv", "/status/1", "/status/2", "/status/3", "/health", "/healthz", "/openapi.json", "/meta",
    "/terms",
    f"/passports{GTIN}/21/UNKNOWN", "/v1/nothing", "/token", "/ns", f"{PACK}/stray", "/id/NOBODY/1", "/verify",
    "/contexts/battery/v1", "/credentials/00000000-0000-4000-8000-000000000000/countersignature", "/contexts/linkset",
    "/ns/stateOfCharge", "/shapes/eu-ev.ttl", "/.well-known/did.json", "/did.json", "/static/passport.css",
    "/static/life.css", "/static/desk.css", "/log/events/checkpoint", "/log/events/tile/0/000",
    "/.well-known/gs1resolver", "/8004/950600011111", "/AQnYUc1gmiCNV4JGYg",
    f"/present?passport={BASE}{PACK}", "/nothing", "/trusted-issuers.json", "/static/site.css", "/static/scan.js",
    "/scan", "/look", f"/look?q={CODE}", "/look?q=canary", "/directory", "/directory?format=json",
    "/directory?format=vp", "/directory?name=canary", "/directory/changes", "/directory/enterprises/did:web:nobody",
    "/register", f"/register?code={CODE}", f"/register?code={CODE}&format=json", "/register/passports",
    "/register/passports?format=json", "/register/dump", "/sparql", "/docs/api", "/wallet/done",
    "/wallet/requests/x",
)  # fmt: skip
#: Addresses with a key or a challenge of the site in the answer: searched, and not compared between two sites.
OWN = ("/wallet", "/wallet/did.json")
#: What is posted: path, and the fields of a form or a JSON body. ``{token}`` is the reader's.
POSTED: tuple[tuple[str, dict[str, Any]], ...] = (
    *((f"/passports{PACK}?format={form.name}", {"data": {"access_token": "{token}"}}) for form in FORMS),
    (f"/passports{PACK}", {"data": {"access_token": "x.y.z"}}),
    (f"/passports{PACK}/events", {"data": {"access_token": "{token}"}}),
    (f"/attestations{PACK}", {"data": {"access_token": "{token}"}}),
    (f"/attestations{PACK}?format=vp", {"data": {"access_token": "{token}"}}),
    (f"/passports{PACK}/events?format=vp", {"data": {"access_token": "{token}"}}),
    ("/present", {"data": {"presentation": "{}", "passport": PACK}}),
    ("/present", {"data": {"presentation": "a.b.c", "passport": BASE + PACK}}),
    ("/present/open", {"data": {"access_token": "{token}", "passport": BASE + PACK}}),
    ("/present/open", {"data": {"access_token": "{token}", "passport": CODE}}),
    ("/token", {"json": {"presentation": {}}}), ("/challenge", {}), ("/verify", {"data": {"text": "{}"}}),
    ("/v1/dppsByProductIds", {"json": {"productIds": [BASE + PACK, BASE + GTIN, CODE]}}),
    *((path, {"data": {"access_token": "{token}"}}) for path in DESK),
    ("/sparql", {"data": {"query": "", "access_token": "{token}"}}),
    ("/revoke", {"data": {"token": "{token}", "passport": BASE + PACK}}),
    ("/wallet/requests", {}), ("/wallet/token", {"json": {"secret": "x"}}),
    ("/wallet/open", {"data": {"passport": BASE + PACK, "secret": "x"}}),
    ("/wallet/responses/x", {"data": {"vp_token": "{}"}}), ("/verify/report.pdf", {"data": {"sheet": "x"}}),
)  # fmt: skip


@pytest.fixture(params=ROLES, ids=lambda role: " ".join(filter(None, (role.audience, role.purpose))))
def role(request, site) -> tuple[Right, dict]:
    return request.param, bearer(site, request.param)


def ask(site, path: str, headers: dict, method: str = "GET", **body: Any):
    return site.client.open(path, method=method, headers=headers, **body)


def test_every_route_of_the_application_is_searched(site):
    adapter = site.app.url_map.bind(urlsplit(BASE).netloc)
    searched = set()
    paths = [(path, "GET") for path in (*routes(site), *SAME, *OWN)] + [(path, "POST") for path, _ in POSTED]
    for path, method in paths:
        try:
            rule, _ = adapter.match(unquote(urlsplit(path).path), method=method, return_rule=True)
        except HTTPException:
            continue  # an address that is none is searched too
        searched.add((rule.rule, method))
    every = {(rule.rule, method) for rule in site.app.url_map.iter_rules() for method in {"GET", "POST"} & rule.methods}
    assert every - searched == set()


def test_every_restricted_indicator_has_a_canary(canaries, aviary):
    bare = {
        one.id for one in VOCABULARY.indicators.values()
        if Audience.PUBLIC not in one.audiences and not one.personal_data and one.id not in canaries.of
    }  # fmt: skip
    # Where nothing in an indicator can be unique, its name is looked for (see below).
    assert all(VOCABULARY.indicators[name].datatype in (Datatype.ENUM, Datatype.BOOLEAN) for name in bare)
    assert len(canaries.of) > 150


@pytest.mark.product(of=4)
def test_no_answer_holds_what_its_reader_may_not_read(site, role, canaries, caplog):
    caplog.set_level(logging.DEBUG)
    who, headers = role
    hidden, public_only = forbidden(canaries, who), forbidden(canaries, PUBLIC)
    for number, path in enumerate(routes(site)):
        got = ask(site, path, headers)
        assert found(said(got), hidden) == set(), path
        if headers:  # nothing by which a cache, or a page of another origin, could keep or compare it
            assert "no-store" in got.headers["Cache-Control"], path
            assert not {"ETag", "Last-Modified", "Access-Control-Allow-Origin"} & set(got.headers.keys()), path
        if "format=html" not in path:
            # HEAD and a condition run the same code; once for the forms that programs read is enough.
            for method, condition in share((("HEAD", {}), ("GET", {"If-None-Match": '"x"'})), number, of=2):
                assert found(said(ask(site, path, {**headers, **condition}, method)), hidden) == set(), path
        if got.mimetype in ("application/vp", "application/ld+json", "application/json") and got.status_code == 200:
            named = set(re.findall(r'"([A-Za-z]+)":', got.get_data(as_text=True))) & INDICATORS
            assert named <= readable(who), path
    # The public asks for each of these; of the others each asks for a third.
    said_to_all = list(product((*SAME, *OWN), ("GET", "HEAD", "OPTIONS")))
    for path, method in said_to_all if who == PUBLIC else share(said_to_all, ROLES.index(who), of=3):
        assert found(said(ask(site, path, headers, method)), public_only) == set(), path
    for record in caplog.records:
        assert found(record.getMessage(), {w: n for n, ws in canaries.of.items() for w in ws}) == set()


@pytest.mark.product(of=3)
def test_no_answer_to_a_form_holds_what_its_reader_may_not_read(site, role, canaries, caplog):
    caplog.set_level(logging.DEBUG)
    who, headers = role
    hidden, token = forbidden(canaries, who), headers.get("Authorization", "Bearer ").removeprefix("Bearer ")
    for path, body in POSTED:
        filled = json.loads(json.dumps(body).replace("{token}", token))
        for accept in ("text/html", "application/json"):
            got = ask(site, path, {"Accept": accept}, "POST", **filled)
            assert found(said(got), hidden) == set(), path
    for record in caplog.records:
        assert found(record.getMessage(), {w: n for n, ws in canaries.of.items() for w in ws}) == set()


@pytest.mark.product(of=2)
def test_no_error_holds_anything(site, role, canaries, caplog):
    """Each address is asked in every wrong way, each way by some of the roles."""
    caplog.set_level(logging.DEBUG)
    everything = {word: name for name, words in canaries.of.items() for word in words}
    who, headers = role
    elsewhere = bearer(site, Right(INTEREST, "recycling"), packs=(f"{BASE}/id/OTHER/1",))
    strange = ({"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}, {"Authorization": ""})
    for turn, path in enumerate(routes(site), ROLES.index(who)):
        for method in share(("POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"), turn, of=3):
            answer = ask(site, path, headers, method)
            assert 400 <= answer.status_code < 500
            assert found(said(answer), everything) == set(), (path, method)
        plain = path.split("?")[0]
        for wrong, method in share(product(strange, ("GET", "HEAD")), turn, of=3):
            answer = ask(site, path, wrong, method)
            assert 400 <= answer.status_code < 500, path  # never taken for the public
            assert found(said(answer), everything) == set(), path
        for reader, refused in share(((who, {"Accept": "image/png", **headers}), (PUBLIC, elsewhere)), turn, of=2):
            answer = ask(site, plain, refused)
            hidden = everything if answer.status_code >= 400 else forbidden(canaries, reader)
            assert found(said(answer), hidden) == set(), path
    for record in caplog.records:
        assert found(record.getMessage(), everything) == set()


def test_a_fault_of_ours_holds_nothing(site, canaries, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    everything = {word: name for name, words in canaries.of.items() for word in words}

    def broken(self, record):
        # The worst moment: the view is made, and the message quotes it.
        raise RuntimeError(json.dumps(site.presenter.present(BASE + PACK, ROLES[1]).presentation()))

    monkeypatch.setattr(type(site.state), "log", broken)
    headers = bearer(site, ROLES[1])
    for path in routes(site):
        answer = ask(site, path, headers)
        # Leaving the desk looks at nothing, so that nothing is logged.
        assert answer.status_code >= 400 or path == "/desk/leave", path
        assert found(said(answer), everything) == set(), path
    assert found(caplog.text, everything) == set()


def test_each_role_gets_all_that_it_may_read(site, role, canaries):
    who, headers = role
    wanted = {word for name, words in canaries.of.items() if name in readable(who) for word in words}
    for form in ("vp", "jsonld", "json", "nquads", "turtle", "csv"):
        text = ask(site, f"/passports{PACK}?format={form}", headers).get_data(as_text=True)
        assert {word for word in wanted if word not in text} == set(), form


@pytest.mark.parametrize("who", [PUBLIC, Right(Audience.COMMISSION)], ids=lambda one: one.audience)
def test_a_query_for_all_statements_gets_the_public_ones_whoever_asks(site, canaries, who):
    pytest.importorskip("pyoxigraph")
    headers, hidden = bearer(site, who), forbidden(canaries, PUBLIC)
    open_to_all = {word: name for name, words in canaries.of.items() if name in readable(PUBLIC) for word in words}
    for method, body in (
        ("GET", {"query_string": {"query": STATEMENTS, "format": "json"}}),
        ("POST", {"data": {"query": STATEMENTS}}),
        ("POST", {"data": STATEMENTS, "content_type": "application/sparql-query"}),
    ):
        answer = ask(site, "/sparql", headers, method, **body)
        assert found(said(answer), hidden) == set()
        assert answer.status_code >= 400 or len(found(said(answer), open_to_all)) > 50
    assert ask(site, "/sparql", {}, query_string={"query": STATEMENTS}).status_code == 200


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_of_a_pdf_are_among_what_is_searched(site, canaries, language):
    answer = ask(site, f"/passports{PACK}?format=pdf&lang={language}", {})
    open_to_all = {word: name for name, words in canaries.of.items() if name in readable(PUBLIC) for word in words}
    assert answer.status_code == 200
    assert CODE.encode() not in answer.data and CODE in said(answer), "its streams are unpacked"
    assert len(found(said(answer), open_to_all)) > 5
    assert {"en": "A copy without signature", "zh": "2027年3月"}[language] in said(answer)


def test_no_public_datum_is_withheld_in_any_form_or_list(site, canaries):
    words = {word for name, words in canaries.of.items() if name in readable(PUBLIC) for word in words}
    of_people = {word for word in words if word.startswith("canary")}  # numbers and dates are written for the reader
    # EN 18223 writes of the day of manufacture the month, as the EU asks for it.
    standard = {word[:7] if word in canaries.of["manufacturingDate"] else word for word in words}
    full = f"/v1/dpps/{DPP}?representation=full"
    for path, wanted in (
        (f"/passports{PACK}?format=html&lang=en", of_people), (f"/passports{PACK}?format=html&lang=zh", of_people),
        (f"/v1/dpps/{DPP}", standard), (full, standard),
        ("/dumps/passports.nq", words), ("/dumps/passports.csv", words),
    ):  # fmt: skip
        text = ask(site, path, {}).get_data(as_text=True)
        assert {word for word in wanted if word not in text} == set(), path


# --- look-alikes ----------------------------------------------------------------------------------------------------


def face(site, path: str, headers: dict, method: str = "GET") -> tuple:
    """All that can be told from an answer, but for its moment and number."""
    answer = ask(site, path, headers, method)
    body = re.sub(r'"correlationId":"[^"]+"', "", answer.get_data(as_text=True))
    return answer.status, body, sorted((name, value) for name, value in answer.headers if name != "Date")


NOBODYS = "/credentials/00000000-0000-4000-8000-000000000000"


@pytest.mark.product(of=2)
def test_hidden_and_unknown_credentials_look_alike(aviary, site, role):
    who, headers = role
    shown = {one["id"] for one in site.presenter.present(BASE + PACK, who).credentials}
    forms = (headers, {**headers, "Accept": "text/html"}, {**headers, "If-None-Match": "*"})
    for method in ("GET", "HEAD", "OPTIONS", "POST", "DELETE"):
        for readers, tail in product(forms, ("", "/countersignature")):
            unknown = face(site, NOBODYS + tail, readers, method)
            for type_, subject in ((MODEL_DETAIL, BASE + GTIN), (CONDITION, BASE + PACK), (EVENT, BASE + PACK)):
                for stored in aviary.store.history(subject, type_):
                    if stored.id not in shown or tail:
                        assert face(site, stored.id.removeprefix(BASE) + tail, readers, method) == unknown
            assert method != "GET" or unknown[0].startswith("404")


def test_a_role_for_another_pack_finds_no_credential_of_this_one(aviary, site):
    elsewhere = bearer(site, Right(INTEREST, "recycling"), packs=(f"{BASE}/id/OTHER/1",))
    unknown = face(site, NOBODYS, elsewhere)
    for type_, subject in ((MODEL_DETAIL, BASE + GTIN), (CONDITION, BASE + PACK), (EVENT, BASE + PACK)):
        assert face(site, aviary.store.current(subject, type_).id.removeprefix(BASE), elsewhere) == unknown


@pytest.mark.product(of=3)
def test_hidden_and_unknown_elements_look_alike(site, role):
    who, headers = role

    def element(*segments: str) -> tuple:
        path = "$" + "".join(f"['{segment}']" for segment in segments)
        return face(site, f"/v1/dpps/{DPP}/elements/{quote(path, safe='')}", headers)

    hidden = [one for one in VOCABULARY.indicators.values()
              if not (one.id in readable(who) or one.personal_data or one.carrier is Carrier.EVENT)]  # fmt: skip
    unknown = {one.dimension.id: element(one.dimension.id, "nothing") for one in hidden}
    # The public is asked about each; the others run the same code.
    for indicator in hidden if who == PUBLIC else hidden[::5]:
        assert element(indicator.dimension.id, indicator.id) == unknown[indicator.dimension.id]


_VARYING = (
    (re.compile(r"/credentials/[0-9a-f-]{36}"), "/credentials/UUID"),
    (re.compile(r"(statusListIndex\W+)\d+"), r"\1N"), (re.compile(r"(/status/\d+#)\d+"), r"\1N"),
    (re.compile(r'("(?:proofValue|encodedList|challenge|correlationId)":)"[^"]*"'), r"\1X"),
    (re.compile(r'("[0-9a-f]{32}")'), "ETAG"), (re.compile(r"Content-Length: \d+"), ""),
    (re.compile(r'(id="challenge">|--challenge )[\w-]+'), r"\1X"), (re.compile(r"Date: [^\n]+"), ""),
    (re.compile(r"(access |访问编号)[\w-]{16}"), "TOKEN"),
)  # fmt: skip


def told(site, path: str, headers: dict) -> str:
    text = said(ask(site, path, headers))
    for pattern, instead in _VARYING:
        text = pattern.sub(instead, text)
    return "\n".join(sorted(text.splitlines()) if "n-quads" in text or "text/turtle" in text else text.splitlines())


@pytest.mark.product(of=3)
@pytest.mark.parametrize("who", [PUBLIC, *(one for one in ROLES if one.audience is not INTEREST and one != PUBLIC)],
                         ids=lambda one: one.audience)  # fmt: skip
def test_that_there_are_restricted_data_is_told_to_nobody_who_may_not_read_them(
    aviary, operator, make_site, tmp_path, canaries, who
):
    """The same passport, issued without what this role may not read, gives the same answers everywhere."""
    twins = []
    for name, operators in (
        ("full", aviary), ("bare", issued(operator, tmp_path, canaries.record(readable(who)))),
    ):  # fmt: skip
        (tmp_path / name).mkdir()
        site = make_site(operators, tmp_path / name)
        site.holder = twins[0][0].holder if twins else site.holder
        # Another test may have given a role here: both sites have a list of roles, or neither.
        operators.grant(site.holder, Audience.COMMISSION)
        twins.append((site, bearer(site, who)))
    paths = [path for path in routes(twins[0][0]) if "/credentials/" not in path]
    for path in (*paths, *(SAME if who == PUBLIC else share(SAME, ROLES.index(who), of=3))):
        full, bare = (told(site, path, headers) for site, headers in twins)
        assert full == bare, path


# --- default deny ---------------------------------------------------------------------------------------------------


@each("audience", [one for one in Audience if one is not Audience.PUBLIC], ids=str)
def test_what_the_vocabulary_does_not_classify_is_shown_to_nobody(aviary, canaries, audience):
    restricted = [one.id for one in VOCABULARY.indicators.values() if one.carrier in
                  (Carrier.MODEL_DETAIL, Carrier.CONDITION)]  # fmt: skip
    forgotten = set(restricted[::3])
    known = {name: one for name, one in VOCABULARY.indicators.items() if name not in forgotten}
    presenter = Presenter(aviary.store, replace(VOCABULARY, indicators=known))
    text = json.dumps(presenter.present(BASE + PACK, audience).presentation(), ensure_ascii=False)
    for name in forgotten:
        assert f'"{name}"' not in text
        assert not any(word in text for word in canaries.of.get(name, ()))


# --- a shared cache between them ------------------------------------------------------------------------------------


class SharedCache:
    """What a proxy does that keeps what it may: RFC 9111, as far as it matters here."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.kept: dict[str, list[tuple[dict, bytes]]] = {}
        self.hits = 0

    def get(self, path: str, headers: dict) -> bytes:
        for asked, answer in self.kept.get(path, ()):
            if all(asked[name] == headers.get(name) for name in asked):
                self.hits += 1
                return answer
        got = self.client.get(path, headers=headers)
        assert got.status_code == 200, got.text
        control = got.headers.get("Cache-Control", "")
        # With Authorization a cache may keep an answer only where it says public.
        if "public" in control and "no-store" not in control and "private" not in control:
            names = [name.strip() for name in got.headers.get("Vary", "").split(",") if name.strip()]
            self.kept.setdefault(path, []).append(({name: headers.get(name) for name in names}, got.data))
        return got.data


class Turns:
    """What readers in four roles are given, and whether any of it is another's."""

    def __init__(self, site, canaries: Canaries) -> None:
        self.site = site
        services = site.app.extensions["resolver"]
        self.proxy = SharedCache(Client(Front(site.app.wsgi_app, services)))
        self.cramped = Presenter(site.operator.store, VOCABULARY, derived_bytes=300_000)
        self.roles = (PUBLIC, Right(INTEREST, "recycling"), Right(INTEREST, "purchase"), Right(Audience.CN_REGULATOR))
        self.headers = {who: bearer(site, who) for who in self.roles}
        self.hidden = {who: forbidden(canaries, who) for who in self.roles}
        # Words that a role gets and another does not: a crossing in the other direction loses some of them.
        self.own = {who: {word for name in readable(who) - readable(PUBLIC) for word in canaries.of.get(name, ())
                          if VOCABULARY.indicators[name].carrier is not Carrier.MODEL_DETAIL}
                    for who in self.roles}  # fmt: skip
        self.seen: dict[tuple, bytes] = {}
        self.given = 0

    def take(self, seed: int, turns: int) -> None:
        chance = random.Random(seed)
        for turn in range(turns):
            who, subject = chance.choice(self.roles), chance.choice((BASE + PACK, BASE + PACK, BASE + GTIN))
            path = "/passports" + subject.removeprefix(BASE)
            if turn % 200 == 199:
                self.publish(f"{seed}-{turn}")
            if turn % 16:
                presenter = self.cramped if turn % 16 == 1 else self.site.presenter
                self.judge(who, (subject, "view"), presenter.present(subject, who).presentation_bytes())
            elif turn % 128:
                accept = chance.choice(("application/vp", "text/csv", "application/n-quads"))
                self.judge(who, (path, accept), self.proxy.get(path, {**self.headers[who], "Accept": accept}))
            else:
                dpp = f"/v1/dpps/{quote(BASE + path, safe='')}"
                self.judge(who, (dpp,), self.proxy.get(dpp, self.headers[who]))

    def judge(self, who: Right, asked: tuple, body: bytes) -> None:
        self.given += 1
        if self.seen.get((who, asked)) == body:
            return  # searched before
        text = body.decode()
        assert found(text, self.hidden[who]) == set(), (who, asked)
        if PACK in asked[0] and "/v1/" not in asked[0]:
            assert {word for word in self.own[who] if word not in text} == set(), (who, asked)
        self.seen[who, asked] = body

    def publish(self, name: str) -> None:
        """Something else is issued: whatever is kept for one version of the store is made again."""
        document = {"id": f"{BASE}/credentials/{name}", "credentialSubject": {"id": f"{BASE}/id/OTHER/{name}"}}
        at = self.site.clock[0]
        with self.site.operator.store.transaction() as transaction:
            transaction.add_credential(
                StoredCredential(document["id"], EVENT, document["credentialSubject"]["id"],
                                 json.dumps(document).encode(), "x", at)
            )  # fmt: skip


def test_roles_that_take_thousands_of_turns_at_shared_caches_never_get_each_others_answers(site, canaries):
    """Four threads and four roles, thousands of turns in a random order from a seed, on a pack and on its model.

    Fifteen turns of sixteen ask the presenter, in which all roles share what is kept of views and of thinned
    credentials; every sixteenth of these a presenter with room for a few views only, so that entries come and go.
    Every sixteenth turn is a whole answer over HTTP, through the front and behind it Flask, kept by a proxy that keeps
    what it may: as passport, table and statements, now and then as EN 18222. Meanwhile the store changes, so that all
    is made anew. Each answer is searched for what its reader may not have, and has all that its role alone gives.
    """
    turns, threads = Turns(site, canaries), 4
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(turns.take, seed, TURNS // threads) for seed in range(threads)]:
            done.result()
    assert turns.given == TURNS
    assert turns.proxy.hits > TURNS // 200
    assert {who for who, _ in turns.seen} == set(turns.roles)


def test_an_etag_of_a_role_is_worth_nothing(site):
    bearer = site.bearer()
    told = site.client.get(f"/passports{PACK}?format=vp", headers=bearer)
    assert "ETag" not in told.headers
    public = site.client.get(f"/passports{PACK}?format=vp")
    again = site.client.get(f"/passports{PACK}?format=vp", headers={**bearer, "If-None-Match": public.headers["ETag"]})
    assert again.status_code == 200
    assert again.data == told.data


def test_the_access_log_names_indicators_and_holds_no_value(site, canaries, tmp_path):
    site.client.get(f"/passports{PACK}?format=vp", headers=site.bearer())
    kept = b"".join(path.read_bytes() for path in Path(tmp_path).glob("state.db*"))
    assert b"stateOfCharge" in kept
    assert not any(word.encode() in kept for words in canaries.of.values() for word in words)
