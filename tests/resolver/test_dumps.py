"""The dumps: all public data as a stream, its description, and how many may ask for it at once."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice

import pytest
import rdflib
from werkzeug.test import EnvironBuilder

from passport.linked_data import nquads
from passport.texts import languages
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import PASSPORT
from passport.web.server import THREADS
from resolver import wsgi
from resolver.forms import public_dumps
from resolver.serving.site import Site
from tests.each import each
from tests.remembering_publisher import RememberingPublisher

BASE = "https://passport.example.com"


def test_the_dump_holds_the_public_statements_of_every_pack_and_no_other(site):
    answer = site.client.get("/dumps/passports.nq")
    assert answer.is_streamed
    quads = nquads.parse(answer.text)
    single = set()
    for pack in site.operator.packs.values():
        single |= set(nquads.parse(site.client.get(site.path(pack) + "?format=nquads").text))
    assert set(quads) == single
    assert "stateOfCharge" not in answer.text


def test_the_table_has_one_heading_and_a_row_for_each_value(site):
    rows = list(csv.DictReader(io.StringIO(site.client.get("/dumps/passports.csv").data.decode("utf-8-sig"))))
    assert {row["subject"] for row in rows} >= set(site.operator.packs.values())
    energies = [row["value"] for row in rows if row["indicator"] == "ratedEnergy"]
    assert "100" in energies
    assert len(energies) == len(site.operator.packs)  # each pack has a model of its own here
    assert not any(row["indicator"] == "indicator" for row in rows)


@pytest.mark.parametrize(("accept", "format_"), [("text/turtle", "turtle"), ("application/ld+json", "json-ld")])
def test_the_dumps_are_described_alike_in_both_forms(site, accept, format_):
    answer = site.client.get("/dumps", headers={"Accept": accept})
    graph = rdflib.Graph().parse(data=answer.data, format=format_)
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    urls = {str(url) for url in graph.objects(None, dcat.downloadURL)}
    assert urls == {f"{BASE}/dumps/passports.nq", f"{BASE}/dumps/passports.csv"}
    dataset = rdflib.URIRef(f"{BASE}/dumps")
    for predicate in (rdflib.DCTERMS.title, rdflib.DCTERMS.description):
        texts = {text.language: str(text) for text in graph.objects(dataset, predicate)}
        assert set(texts) == set(languages())
    for url in urls:
        assert site.client.head(url.removeprefix(BASE)).status_code == 200


def test_there_is_no_other_dump(site):
    assert site.client.get("/dumps/passports.db").status_code == 404
    assert site.client.get("/dumps/..%2Fpassports.db").status_code == 404


def test_a_token_adds_nothing_to_a_dump_or_a_search(site):
    bearer = site.bearer()
    for path in ("/dumps/passports.nq", "/search?format=json"):
        assert site.client.get(path, headers=bearer).data == site.client.get(path).data


# --- kept, named, asked again ---------------------------------------------------------------------------------------


@each("name", public_dumps.FILES)
def test_a_dump_is_asked_for_again_only_where_something_was_signed_since(make_operator, make_site, tmp_path, name):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    first = site.client.get(f"/dumps/{name}")
    assert first.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    condition = {"If-None-Match": first.headers["ETag"]}
    again = site.client.get(f"/dumps/{name}", headers=condition)
    assert (again.status_code, again.data) == (304, b"")
    publisher = RememberingPublisher(operator.store, operator.issuer, BASE, vocabulary.load(), ())
    publisher.issue((), at=site.clock[0])
    assert site.client.get(f"/dumps/{name}", headers=condition).status_code == 200


# --- a slow reader --------------------------------------------------------------------------------------------------


def test_no_more_than_two_dumps_are_under_way_at_once(site):
    slow = [begun(site), begun(site)]
    refused = site.client.get("/dumps/passports.csv")
    assert (refused.status_code, refused.json["code"]) == (503, "service-unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    assert site.client.get("/dumps/passports.csv", headers={"Accept": "text/html"}).status_code == 503
    # What needs no turn is answered: headers, and the news that there is nothing new.
    told = site.client.head("/dumps/passports.csv")
    assert told.status_code == 200
    condition = {"If-None-Match": told.headers["ETag"]}
    assert site.client.get("/dumps/passports.csv", headers=condition).status_code == 304
    slow.pop().close()
    assert site.client.get("/dumps/passports.csv").status_code == 200


@each("end", ["read to the end", "closed", "closed unread", "dropped", "closed twice"])
def test_a_turn_ends_once_however_a_dump_ends(end):
    turns = public_dumps.Turns(1)
    dump = turns.take(iter([b"a", b"b"]))
    assert turns.take(iter([])) is None
    if end == "read to the end":
        assert list(dump) == [b"a", b"b"]
    elif end == "dropped":
        del dump
    else:
        if end != "closed unread":
            next(dump)
        dump.close()
        if end == "closed twice":
            dump.close()
    following = turns.take(iter([]))
    assert following is not None
    assert turns.take(iter([])) is None


def test_a_dump_ends_when_its_reader_has_left():
    left = []
    turns = public_dumps.Turns(1)
    dump = turns.take(iter([b"a", b"b", b"c"]), lambda: bool(left))
    assert next(dump) == b"a"
    left.append(True)
    assert list(dump) == []
    assert turns.take(iter([])) is not None


@pytest.mark.parametrize("raises", [True, False], ids=["an error says so", "nothing says so"])
def test_readers_who_leave_cost_our_server_neither_a_thread_nor_a_turn(site, monkeypatch, raises):
    class Cycle:
        """One request as uvicorn has it, of a reader who leaves after the first piece."""

        disconnected, status = False, 0

        async def send(self, message):
            self.status = message.get("status", self.status)
            self.disconnected = "body" in message
            if raises and self.disconnected:
                raise OSError("the client has left")

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ask_and_leave() -> int:
        cycle = Cycle()
        await asyncio.wait_for(asgi(scope, receive, cycle.send), 20)
        return cycle.status

    async def ask_often() -> list[int]:
        return [await ask_and_leave() for _ in range(THREADS + 1)]

    given = []
    # More than the server holds back for a slow reader.
    pieces = (given.append(1) or b"x" for _ in range(100_000))
    monkeypatch.setattr(public_dumps, "as_nquads", lambda _: pieces)
    asgi = Site(wsgi.fronted(site.app, now=itertools.count().__next__))
    scope = {"type": "http", "method": "GET", "path": "/dumps/passports.nq", "query_string": b"",
             "headers": [(b"host", b"passport.example.com")],
             "http_version": "1.1"}  # fmt: skip
    # In a thread of its own: the browser tests leave a running loop behind in this one.
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, ask_often()).result(60) == [200] * (THREADS + 1)
    assert len(given) < 1000


def test_a_fault_on_the_way_ends_the_turn():
    def faulty():
        yield b"a"
        raise ZeroDivisionError

    turns = public_dumps.Turns(1)
    dump = turns.take(faulty())
    next(dump)
    with pytest.raises(ZeroDivisionError):
        next(dump)
    assert turns.take(iter([])) is not None


def begun(site):
    """A dump of which one piece was read, as a server reads it."""
    environ = EnvironBuilder(path="/dumps/passports.nq").get_environ()
    iterable = site.app.wsgi_app(environ, lambda status, headers, exc_info=None: None)
    next(iter(iterable))
    return iterable


def test_a_dump_of_endless_packs_begins_at_once_and_asks_for_no_more_than_it_gives(site):
    class Endless:
        """A store whose packs never end; counts what was asked of it."""

        asked = 0

        def models(self):
            return ()

        def subjects_since(self, type_, sequence):
            return ()

        def find_packs(self, *, after, limit):
            first = int(after.rpartition("/")[2] or 0) + 1
            self.asked += limit
            return [replace(pack, subject=f"{BASE}/id/x/{number}") for number in range(first, first + limit)]

        def current(self, subject, type_):
            return stored

        def history(self, subject, type_):
            return ()

        def event_chain(self, subject, *, kinds):
            return ()

    pack = site.operator.store.pack(site.ev)
    stored = site.operator.store.current(site.ev, PASSPORT)
    store = Endless()
    assert len(list(islice(public_dumps.as_nquads(store), 450))) == 450
    assert store.asked == 3 * public_dumps.PAGE
