"""The front answers what Flask answers, or Flask does: held over many requests, over changes, and against poisoning."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.test import Client

from passport.errors import StoreUnavailable
from passport.publishing.publisher import Publisher
from passport.store import Store, StoredCredential
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import PASSPORT
from passport.vocabulary.vocabulary import Audience
from resolver.serving.public_cache import Front
from tests.conftest import example_count, share
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VP = {"Accept": "application/vp"}
JSONLD = {"Accept": "application/ld+json"}


class Counting:
    """A WSGI application that says how often it was asked, and what."""

    def __init__(self, app: Callable) -> None:
        self.app = app
        self.asked: list[dict] = []

    def __call__(self, environ: dict, start_response: Callable):
        self.asked.append(environ)
        return self.app(environ, start_response)


@dataclass
class Fronted:
    """A site with the front before it, and Flask alone beside it."""

    site: object
    behind: Counting
    front: Front
    url: str

    @property
    def turn(self) -> int:
        """Another one for each kind of store."""
        return len(self.url) > len("sqlite://")

    def ask(self, path: str, headers: dict | None = None, *, method: str = "GET", client: Callable | None = None):
        answer = Client(client or self.front, use_cookies=False).open(path, method=method, headers=headers or {})
        return answer.status, [pair for pair in answer.headers if pair[0] != "Date"], answer.data

    def flask(self, path: str, headers: dict | None = None, *, method: str = "GET"):
        return self.ask(path, headers, method=method, client=self.behind.app)

    def calls(self, path: str, headers: dict | None = None, *, method: str = "GET") -> int:
        """How many times Flask is asked for one answer."""
        before = len(self.behind.asked)
        self.ask(path, headers, method=method)
        return len(self.behind.asked) - before

    def publisher(self) -> Publisher:
        operator = self.site.operator
        regimes = tuple(vocabulary.regimes().values())
        issuer = operator.project.issuer_with_key(None)
        return RememberingPublisher(operator.store, issuer, operator.project.base_url, vocabulary.load(), regimes)


def fronted(site, url: str) -> Fronted:
    behind = Counting(site.app.wsgi_app)
    return Fronted(site, behind, Front(behind, site.app.extensions["resolver"]), url)


@pytest.fixture(scope="module", params=["memory", "file", "postgresql"])
def shop(request, make_site, make_operator, tmp_path_factory) -> Fronted:
    """For tests that only read. Every test may find answers that others left behind: that is the point."""
    folder = tmp_path_factory.mktemp("shop")
    url = "sqlite://" if request.param == "memory" else address(request, folder)
    return fronted(make_site(make_operator(folder, "ev-ncm-100kwh", "stationary-lfp", url=url), folder), url)


def address(request, folder: Path) -> str:
    """Of a new store: a file, or where the fixture's parameter says so one in PostgreSQL."""
    if getattr(request, "param", "file") == "postgresql":
        return request.getfixturevalue("cluster").store()
    return f"sqlite:///{folder / 'passports.db'}"


@pytest.fixture
def open_shop(request, make_site, make_operator, tmp_path) -> Fronted:
    """For tests that write."""
    url = address(request, tmp_path)
    return fronted(make_site(make_operator(tmp_path, "stationary-lfp", url=url), tmp_path), url)


EV = "/passports/01/09529999001009/21/A7K2M05G6J0000317"
LFP = "/passports/id/VO-HV13/VO26090001742"
PATHS = [
    EV, LFP, EV + "/", "/passports/01/09529999001009", "/passports/id/VO-HV13", "/passports/id/VO-HV13/UNKNOWN",
    "/passports/01/09529999001009/21/A7K2M05G6J0000371",
    "/passports/01/09529999001000", "/passports/01/09529999001009/21/..", "/passports/01/09529999001009/21/.",
    "/passports/01/09529999001009/21/a%2Fb", "/passports/01/09529999001009//21/A7K2M05G6J0000317",
    "/passports/01/09529999001009/10/LOT7/21/A7K2M05G6J0000317", "/passports/01/09529999001009/10/LH100-2606-B03",
    "/passports/id/VO-HV13/batch/2026-W11-A", "/passports/id/VO-HV13/batch", "/passports/01/09529999001009/10/LOT7",
    "/passports/01/09529999001009/10/LH100-2606-B03/21/A7K2M05G6J0000317",
    "/passports/gbt34014/ZZZPE10A7K2M05G6J0000317",
    "/passports/", "/passports", EV.replace("317", "%33%31%37"), EV + "%00", EV.lower(), "/passports/%2e%2e/ns",
    "/passports/id/VO-HV13/%EF%BC%B6%EF%BC%AF", EV.removeprefix("/passports"), "/ns", "/",
]  # fmt: skip
QUERIES = [
    "", "?format=vp", "?format=jsonld", "?format=json", "?format=html", "?format=turtle", "?format=pdf", "?format=",
    "?format=vp&format=html", "?format=html&format=vp", "?lang=zh", "?lang=en", "?lang=fr", "?lang=zh&regime=cn",
    "?regime=cn&lang=zh", "?regime=eu", "?regime=xx", "?regime=<b>", "?lang=", "?x=1", "?format=vp&x=1", "?format=%76p",
    "?FORMAT=vp", "?format=vp;lang=zh", "?format=vp&lang=zh", "?&format=vp", "?at=2027-03-08T09:00:00Z",
    "?at=2020-01-01T00:00:00Z&format=vp", "?at=x", "?lang=zh&", "?regime=eu&regime=cn",
]  # fmt: skip
HEADERS: list[dict] = [
    {}, HTML, VP, JSONLD, {"Accept": "application/json"}, {"Accept": "*/*"}, {"Accept": "text/csv"},
    {"Accept": "image/png"}, {"Accept": ""}, {"Accept": "application/vp;q=0, text/html"},
    {"Accept": "application/vp;q=0.5, application/ld+json"}, {"Accept": "APPLICATION/VP"}, {"Accept": "application/*"},
    {"Accept": "application/vp; q=nan"}, {"Accept": ", ,;q=1,/"}, {"Accept": "text/html, " * 100 + "application/vp"},
    {**HTML, "Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"}, {**HTML, "Accept-Language": "fr, *;q=0.5"},
    {**HTML, "Accept-Language": "zh;q=0"}, {**VP, "Accept-Language": "zh"},
    {**VP, "Host": "evil.example"}, {**VP, "Host": "evil example<>"}, {**HTML, "Host": "evil.example"},
    {**VP, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "ftp", "X-Forwarded-Prefix": "/evil"},
    {**HTML, "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example;proto=ftp"},
    {**VP, "X-Original-URL": "/token", "X-Rewrite-URL": "/token"}, {**VP, "X-HTTP-Method-Override": "DELETE"},
    {**VP, "Authorization": "Bearer x.y.z"}, {**HTML, "Authorization": ""}, {**VP, "Cookie": "session=1"},
    {**VP, "Range": "bytes=0-9"}, {**VP, "If-None-Match": "*"}, {**VP, "If-None-Match": '"a", "b"'},
    {**VP, "If-None-Match": '"' + "0" * 32 + '"'}, {**VP, "If-None-Match": 'W/"' + "0" * 32 + '"'},
    {**VP, "If-Modified-Since": "Sat, 21 Nov 2099 00:00:00 GMT"}, {**VP, "If-Match": '"x"'}, {**VP, "Expect": "x"},
    {**VP, "Origin": "https://other.example"}, {**VP, "Accept-Encoding": "gzip, br"},
    {**VP, "Cache-Control": "no-cache"},
]  # fmt: skip
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "DELETE"]


# --- the same answer ------------------------------------------------------------------------------------------------


# Each path, query and header meets a third of the rest at the store in memory and another third at the file.


@pytest.mark.product(of=14)
@pytest.mark.parametrize(("turn", "path"), list(enumerate(PATHS)))
def test_each_path_is_answered_as_flask_answers_it(shop, turn, path):
    for query, headers in share(product(("", "?format=vp", "?lang=zh"), (HTML, VP, JSONLD)), turn + shop.turn, of=3):
        answer = shop.flask(path + query, headers)
        for _ in range(2):
            assert shop.ask(path + query, headers) == answer


@pytest.mark.product(of=14)
@pytest.mark.parametrize(("turn", "query"), list(enumerate(QUERIES)))
def test_each_query_is_answered_as_flask_answers_it(shop, turn, query):
    for headers in share(({}, HTML, VP), turn + shop.turn, of=3):
        answer = shop.flask(EV + query, headers)
        for _ in range(2):
            assert shop.ask(EV + query, headers) == answer


@pytest.mark.product(of=10)
@pytest.mark.parametrize(("turn", "headers"), list(enumerate(HEADERS)), ids=str)
def test_each_header_is_answered_as_flask_answers_it(shop, turn, headers):
    for path, method in share(product((EV, LFP), METHODS), turn + shop.turn, of=3):
        assert shop.ask(path, headers, method=method) == shop.flask(path, headers, method=method)


@settings(max_examples=example_count(40), deadline=None)
@given(
    path=st.sampled_from(PATHS), query=st.sampled_from(QUERIES), method=st.sampled_from(METHODS),
    parts=st.lists(st.sampled_from(HEADERS), max_size=3),
)  # fmt: skip
def test_any_mixture_is_answered_as_flask_answers_it(shop, path, query, method, parts):
    headers = {name: value for part in parts for name, value in part.items()}
    assert shop.ask(path + query, headers, method=method) == shop.flask(path + query, headers, method=method)


@pytest.mark.product(of=5)
@pytest.mark.parametrize("headers", [HTML, VP, JSONLD])
@pytest.mark.parametrize("mark", ["", "W/"])
def test_who_has_the_answer_gets_304_as_from_flask(shop, headers, mark):
    etag = dict(shop.flask(EV, headers)[1])["ETag"]
    for method in ("GET", "HEAD"):
        for value in (mark + etag, f'{mark}{etag}, "other"'):
            condition = {**headers, "If-None-Match": value}
            answer = shop.ask(EV, condition, method=method)
            assert answer == shop.flask(EV, condition, method=method)
            assert answer[0] == "304 NOT MODIFIED" and answer[2] == b""


def test_an_etag_of_one_form_is_no_etag_of_another(shop):
    etag = dict(shop.ask(EV, VP)[1])["ETag"]
    assert shop.ask(EV, {**JSONLD, "If-None-Match": etag})[0] == "200 OK"


def test_every_kept_answer_says_what_it_depends_on(shop):
    for headers in (HTML, VP, JSONLD):
        shop.ask(EV, headers)
        assert dict(shop.ask(EV, headers)[1])["Vary"] == "Accept, Accept-Language, Authorization"


def test_a_kept_answer_is_dated_when_it_goes_out(shop, monkeypatch):
    shop.ask(EV, VP)
    monkeypatch.setattr("resolver.serving.stored_answers.time.time", lambda: 1_800_000_000.9)
    answer = Client(shop.front).get(EV, headers=VP)
    assert answer.headers.getlist("Date") == ["Fri, 15 Jan 2027 08:00:00 GMT"]


# --- what is kept, and for how long ---------------------------------------------------------------------------------


@each("headers", [HTML, VP, JSONLD, {"Accept": "application/json"}, {**HTML, "Accept-Language": "zh"}])
def test_what_was_asked_for_before_does_not_reach_flask(shop, headers):
    shop.ask(EV, headers)
    assert shop.calls(EV, headers) == 0
    assert shop.calls(EV, headers, method="HEAD") == 0
    assert shop.calls(EV, {**headers, "User-Agent": "x", "X-Forwarded-For": "192.0.2.1", "Via": "y"}) == 0


def test_a_presentation_never_asked_for_before_does_not_reach_flask_either(shop):
    for path in (EV, LFP):
        shop.ask(path, VP)
    shop.front.forget()
    assert [shop.calls(path, VP) for path in (EV, LFP)] == [0, 0]
    shop.front.forget()
    assert [shop.ask(path, VP) for path in (EV, LFP)] == [shop.flask(path, VP) for path in (EV, LFP)]


def test_a_page_is_kept_for_no_longer_than_its_minute(shop):
    shop.ask(EV, HTML)
    shop.site.later(seconds=29)
    assert shop.calls(EV, HTML) == 0
    shop.site.later(seconds=31)
    assert shop.calls(EV, HTML) == 1
    assert shop.ask(EV, HTML) == shop.flask(EV, HTML)


@each(
    "headers",
    [{"Authorization": "Bearer x.y.z"}, {"Cookie": "a=b"}, {"Range": "bytes=0-1"}, {"If-Match": "*"}],
)
def test_what_is_not_plain_always_reaches_flask(shop, headers):
    for form in (HTML, VP):
        shop.ask(EV, form)
        assert shop.calls(EV, {**form, **headers}) == 1


def test_the_number_of_ways_to_ask_that_are_remembered_is_bounded(shop):
    before = len(shop.front.variants)
    shop.ask("/passports/id/NOBODY/1", {"Accept": "application/vp;x=-1"})
    assert len(shop.front.variants) == before + 1
    for number in range(1500):
        shop.front.variants.of("", f"application/vp;x={number}", None)
    assert len(shop.front.variants) <= 1000
    length = len(shop.front.variants)
    assert shop.ask(EV, {"Accept": "application/vp, " * 200})[0] == "200 OK"
    assert len(shop.front.variants) == length


# --- nothing of one reader for another ------------------------------------------------------------------------------


@pytest.mark.product(of=5)
@pytest.mark.parametrize("form", [HTML, VP])
@pytest.mark.parametrize(
    "poison",
    [
        {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Prefix": "/evil.example"},
        {"Forwarded": "host=evil.example"}, {"Referer": "https://evil.example/"}, {"Origin": "https://evil.example"},
        {"User-Agent": "evil.example"}, {"Accept-Language": "evil.example"}, {"X-Original-URL": "/evil.example"},
    ],
)  # fmt: skip
def test_what_a_client_sends_beside_reaches_neither_flask_nor_the_next_reader(shop, form, poison):
    shop.site.later(minutes=1)
    before = len(shop.behind.asked)
    shop.ask(EV, {**form, **poison})
    for environ in shop.behind.asked[before:]:
        assert "evil" not in repr({key: value for key, value in environ.items() if isinstance(value, str)})
    assert "evil" not in repr(shop.ask(EV, form))


def test_a_token_opens_nothing_for_the_next_reader(shop):
    public = shop.ask(EV, VP)
    bearer = shop.site.bearer(Audience.LEGITIMATE_INTEREST)
    restricted = shop.ask(EV, {**VP, **bearer})
    assert len(restricted[2]) > len(public[2])
    assert dict(restricted[1])["Cache-Control"] == "private, no-store"
    assert shop.ask(EV, VP) == public
    page = shop.ask(EV, {**HTML, **bearer})
    assert page[2] != shop.ask(EV, HTML)[2]
    assert shop.ask(EV, HTML) == shop.flask(EV, HTML)


@pytest.mark.parametrize("shop", ["file"], indirect=True)
def test_two_roles_and_the_public_in_turn_and_at_once_never_meet(shop):
    """What each may see is asked for 60 times by three threads, with caches shared."""
    site = shop.site
    readers = [{}, site.bearer(Audience.LEGITIMATE_INTEREST), site.bearer(Audience.MARKET_SURVEILLANCE)]
    expected = [shop.flask(EV, {**VP, **reader})[2] for reader in readers]
    assert len(set(expected)) == 3
    wrong: list[int] = []

    def read(offset: int) -> None:
        for number in range(20):
            who = (number + offset) % 3
            if shop.ask(EV, {**VP, **readers[who]})[2] != expected[who]:
                wrong.append(who)

    threads = [threading.Thread(target=read, args=(offset,)) for offset in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- what changes is seen by the next reader ------------------------------------------------------------------------


in_each_store = pytest.mark.parametrize("open_shop", ["file", "postgresql"], indirect=True)


@in_each_store
def test_a_revocation_is_seen_by_the_next_reader_in_every_form(open_shop):
    shop, path = open_shop, LFP
    before = {form["Accept"]: shop.ask(path, form) for form in (HTML, VP, JSONLD)}
    shop.publisher().revoke(shop.site.operator.packs["stationary"], reason="wrong", at=shop.site.clock[0])
    for form in (HTML, VP, JSONLD):
        after = shop.ask(path, form)
        assert after == shop.flask(path, form)
        assert after[2] != before[form["Accept"]][2]
        assert dict(after[1])["ETag"] != dict(before[form["Accept"]][1])["ETag"]
        old = {**form, "If-None-Match": dict(before[form["Accept"]][1])["ETag"]}
        assert shop.ask(path, old)[0] == "200 OK"
    assert b"withdrawn" in shop.ask(path, {**HTML, "Accept-Language": "en"})[2].lower()


@in_each_store
def test_a_revocation_by_another_process_is_seen_too(open_shop):
    shop = open_shop
    before = shop.ask(LFP, VP)
    other = Store.open(shop.url)
    issuer = shop.site.operator.project.issuer_with_key(None)
    base = shop.site.operator.project.base_url
    RememberingPublisher(other, issuer, base, vocabulary.load(), ()).revoke(
        shop.site.operator.packs["stationary"], reason="wrong", at=shop.site.clock[0]
    )
    other.close()
    assert shop.ask(LFP, VP) != before
    assert shop.ask(LFP, VP) == shop.flask(LFP, VP)


def test_a_new_passport_is_there_as_soon_as_it_is_issued(open_shop):
    shop = open_shop
    assert shop.ask(EV, VP)[0] == "404 NOT FOUND"
    shop.publisher().issue(example_records("ev-ncm-100kwh.xlsx"), at=shop.site.clock[0])
    for form in (VP, HTML):
        assert shop.ask(EV, form)[0] == "200 OK"
        assert shop.ask(EV, form) == shop.flask(EV, form)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_a_new_version_replaces_the_old_one_at_once_however_it_is_written(open_shop, separators):
    shop = open_shop
    before = shop.ask(LFP, VP)
    store, pack = shop.site.operator.store, shop.site.operator.packs["stationary"]
    current = store.current(pack, PASSPORT)
    document = {**json.loads(current.body), "validFrom": "2027-03-08T00:00:00Z"}
    body = json.dumps(document, ensure_ascii=False, separators=separators).encode()
    with store.transaction() as transaction:
        transaction.add_credential(
            StoredCredential("urn:new", PASSPORT, pack, body, "x", datetime.now().astimezone() + timedelta())
        )
    after = shop.ask(LFP, VP)
    assert body in after[2] and after != before
    assert after == shop.flask(LFP, VP)


# --- the front checks itself ----------------------------------------------------------------------------------------


def test_where_flask_would_say_something_else_the_front_gives_way(open_shop, caplog):
    """Somebody changes the views and forgets the front: the first comparison finds out."""
    shop, said = open_shop, shop_says(open_shop, b"}", b" }")
    shop.behind.app = said
    with caplog.at_level(logging.ERROR, "resolver"):
        answers = [shop.ask(LFP, VP) for _ in range(3)]
    assert answers == [shop.flask(LFP, VP)] * 3
    assert b" }" in answers[2][2]
    assert "not what the application says" in caplog.text


def test_a_fault_proves_nothing_about_the_front(open_shop):
    shop, app = open_shop, open_shop.behind.app

    def broken(environ: dict, start_response: Callable):
        start_response("500 INTERNAL SERVER ERROR", [("Content-Length", "0")])
        return []

    shop.behind.app = broken
    assert shop.ask(LFP, VP)[0].startswith("500")
    shop.behind.app = app
    assert shop.ask(LFP, VP) == shop.flask(LFP, VP)
    assert all(shop.front.patterns.values())


@pytest.mark.parametrize("form", [HTML, VP])
def test_where_the_store_fails_the_application_says_so(open_shop, monkeypatch, form, caplog):
    shop, expected = open_shop, open_shop.flask(LFP, form)

    def broken(*_: object):
        raise StoreUnavailable("disk I/O error")

    for name in ("version", "presentation", "knows"):
        with monkeypatch.context() as patched, caplog.at_level(logging.ERROR, "resolver"):
            patched.setattr(shop.front.view, name, broken)
            assert shop.ask(LFP, form) == expected
    assert "disk I/O error" in caplog.text


def test_an_answer_with_a_cookie_is_not_kept(open_shop):
    shop, app = open_shop, open_shop.behind.app

    def greeting(environ: dict, start_response: Callable):
        def start(status: str, headers: list, exc_info: object = None):
            return start_response(status, [*headers, ("Set-Cookie", "who=you")], exc_info)

        return app(environ, start)

    shop.behind.app = greeting
    for form in (HTML, VP):
        shop.ask(LFP, form)
        assert shop.calls(LFP, form) >= 1
    assert shop.front.kept == 0


def shop_says(shop: Fronted, old: bytes, new: bytes) -> Callable:
    """Flask with another body (and the headers for it)."""
    app = shop.behind.app

    def changed(environ: dict, start_response: Callable):
        caught: list = []
        body = b"".join(app(environ, lambda status, headers, exc=None: caught.append((status, headers)) or len))
        body = body.replace(old, new)
        status, headers = caught[0]
        lengths = [(name, str(len(body)) if name == "Content-Length" and body else value) for name, value in headers]
        start_response(status, lengths)
        return [body]

    return changed


def test_what_is_too_large_to_be_kept_is_answered_all_the_same(open_shop):
    shop = open_shop
    front = Front(shop.behind, shop.site.app.extensions["resolver"], max_bytes=0)
    for form in (HTML, VP, VP, VP):
        assert shop.ask(LFP, form, client=front) == shop.flask(LFP, form)
    assert front.kept == 0


def test_the_answers_that_are_kept_stay_within_their_bytes(shop):
    size = len(shop.flask(EV, HTML)[2]) + 2000
    front = Front(shop.behind, shop.site.app.extensions["resolver"], max_bytes=size)
    for path in (EV, LFP, EV):
        assert shop.ask(path, HTML, client=front) == shop.flask(path, HTML)
        assert front.kept == 1
