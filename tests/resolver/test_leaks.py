"""Nobody gets what they may not have: one pack in which every leaf is unlike any other, searched for in every answer.

Each leaf that can be unique is a *canary*: a text, number, date or address that stands nowhere else. Every answer of
role x route x form x method is searched for the canaries that it may not hold: status line, headers, body, log lines.
The opposite is checked too: what a role may read, it gets. Codes and booleans cannot be unique; there the indicator's
name is looked for instead, in the forms that programs read.
"""

from __future__ import annotations

import json
import logging
import os
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from passport.battery import access
from passport.battery import vocabulary as vocabulary_module
from passport.battery.record import Record
from passport.battery.vocabulary import Audience, Carrier, Category, Datatype
from passport.presenter import CONDITION, EVENT, MODEL_DETAIL, Presenter
from passport.publisher import Publisher
from passport.store import Store
from resolver.front import Front
from resolver.negotiation import FORMS

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
INTERLEAVED = int(os.environ.get("PASSPORT_TORTURE", "400"))


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

    def record(self) -> Record:
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
        model = {**parts[Carrier.MODEL], **parts[Carrier.MODEL_DETAIL]}
        return Record(Category.EV, model, parts[Carrier.PASSPORT], condition, {"production": parts[Carrier.EVENT]})


class Unjudged(Publisher):
    """Signs what it is given: canaries keep to no range."""

    def check(self, records, *, on):
        return tuple((record, None) for record in records)


@pytest.fixture(scope="module")
def canaries() -> Canaries:
    return Canaries()


@pytest.fixture(scope="module")
def aviary(operator, tmp_path_factory, canaries):
    """A site with the one pack of canaries."""
    store = Store.open("sqlite://")
    publisher = Unjudged(store, operator.issuer, BASE, VOCABULARY, ())
    publisher.issue([canaries.record()], at=datetime(2027, 3, 8, 8, 30, tzinfo=UTC))
    return replace(operator, store=store, packs={"ev": BASE + PACK})


@pytest.fixture
def site(aviary, make_site, tmp_path):
    return make_site(aviary, tmp_path)


def readable(audience: str) -> frozenset[str]:
    """What an audience gets: an event is shown to those who may read all of it."""
    allowed = access.readable(VOCABULARY, audience)
    events = {one.id for one in VOCABULARY.carried_by(Carrier.EVENT) if not one.personal_data}
    return allowed if events <= allowed else allowed - events


def forbidden(canaries: Canaries, audience: str) -> dict[str, str]:
    """Canary -> indicator, for everything that an audience may not have."""
    allowed = readable(audience)
    hidden = {word: name for name, words in canaries.of.items() if name not in allowed for word in words}
    if audience == Audience.PUBLIC:
        hidden[AT[:10]] = "recordedAt"
    return hidden


_SEPARATORS = re.compile(r"(?<=\d)[,'\u00a0\u2009\u202f ](?=\d{3})")
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"]  # fmt: skip


def found(text: str, hidden: dict[str, str]) -> set[str]:
    """Which hidden canaries stand in a text, also as people write numbers and dates."""
    plain = text + _SEPARATORS.sub("", text)
    leaks = {hidden[word] for word in hidden if word in plain}
    for year, month, day in re.findall(r"(2[01]\d\d)年(\d{1,2})月(\d{1,2})日", text):
        leaks |= {hidden[iso] for iso in [f"{year}-{int(month):02d}-{int(day):02d}"] if iso in hidden}
    for day, month, year in re.findall(rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (2[01]\d\d)", text):
        iso = f"{year}-{_MONTHS.index(month) + 1:02d}-{int(day):02d}"
        leaks |= {hidden[iso]} if iso in hidden else set()
    return leaks


def said(answer) -> str:
    """Everything in an answer: status line, headers, body, with what escapes could hide undone."""
    body = answer.get_data(as_text=True)
    return f"{answer.status}\n{answer.headers}\n{body}"


# --- routes ---------------------------------------------------------------------------------------------------------


def routes(site) -> Iterator[str]:
    """Addresses whose answers depend on who asks."""
    for form in FORMS:
        yield f"/passports{PACK}?format={form.name}"
        yield f"/passports{GTIN}?format={form.name}"
    yield f"/passports{PACK}?format=html&lang=zh&regime=cn"
    yield f"/passports{PACK}?format=pdf"
    for type_, subject in ((MODEL_DETAIL, BASE + GTIN), (CONDITION, BASE + PACK), (EVENT, BASE + PACK)):
        yield site.operator.store.current(subject, type_).id.removeprefix(BASE)
    for tail in ("", "?representation=full", "?representation=x", *(
        "/elements/" + quote(f"$['{dimension}']", safe="") for dimension in VOCABULARY.dimensions
    )):  # fmt: skip
        yield f"/v1/dpps/{DPP}{tail}"
    yield f"/v1/dppsByProductId/{quote(BASE + PACK, safe='')}"
    yield f"/v1/dppsByIdAndDate/{DPP}?date=2027-03-08T09:30:00Z"
    yield f"/v1/dppsByIdAndDate/{DPP}?date=2020-03-08T09:30:00Z"


#: Addresses that say the same to everybody.
SAME = (
    "/", PACK, GTIN, f"/gbt34014/{CODE}", f"{PACK}?linkType=linkset", f"{PACK}?linkType=gs1:certificationInfo",
    f"{PACK}?linkType=gs1:instructions", f"{GTIN}/21/UNKNOWN", f"/find?code={CODE}", "/search?format=json",
    f"/search?code={CODE}", "/search?maker=canary&format=json", "/issuers", "/dumps", "/dumps/passports.nq",
    "/dumps/passports.csv", "/status/1", "/status/2", "/health", "/openapi.json", "/.well-known/gs1resolver",
    f"/passports{GTIN}/21/UNKNOWN", "/v1/nothing", "/token", "/ns", f"{PACK}/stray",
)  # fmt: skip
ROLES = tuple(Audience)


@pytest.fixture(params=ROLES, ids=str)
def role(request, site) -> tuple[str, dict]:
    return request.param, {} if request.param == Audience.PUBLIC else site.bearer(request.param)


def ask(site, path: str, headers: dict, method: str = "GET"):
    return site.client.open(path, method=method, headers=headers)


def test_every_restricted_indicator_has_a_canary(canaries, aviary):
    bare = {
        one.id for one in VOCABULARY.indicators.values()
        if Audience.PUBLIC not in one.audiences and not one.personal_data and one.id not in canaries.of
    }  # fmt: skip
    # Where nothing in an indicator can be unique, its name is looked for (see below).
    assert all(VOCABULARY.indicators[name].datatype in (Datatype.ENUM, Datatype.BOOLEAN) for name in bare)
    assert len(canaries.of) > 150


def test_no_answer_holds_what_its_reader_may_not_read(site, role, canaries, caplog):
    caplog.set_level(logging.DEBUG)
    audience, headers = role
    hidden, public_only = forbidden(canaries, audience), forbidden(canaries, Audience.PUBLIC)
    for path in routes(site):
        got = ask(site, path, headers)
        assert found(said(got), hidden) == set(), path
        if "format=html" not in path:
            # HEAD and a condition run the same code; once for the forms that programs read is enough.
            assert found(said(ask(site, path, headers, "HEAD")), hidden) == set(), path
        if got.mimetype in ("application/vp", "application/ld+json", "application/json") and got.status_code == 200:
            named = set(re.findall(r'"([A-Za-z]+)":', got.get_data(as_text=True))) & INDICATORS
            assert named <= readable(audience), path
    for path in SAME:
        assert found(said(ask(site, path, headers)), public_only) == set(), path
    for record in caplog.records:
        assert found(record.getMessage(), {w: n for n, ws in canaries.of.items() for w in ws}) == set()


def test_no_error_holds_anything(site, canaries):
    everything = {word: name for name, words in canaries.of.items() for word in words}
    bearer = site.bearer()
    for path in list(routes(site))[:6]:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert found(said(ask(site, path, bearer, method)), everything) == set()
        for headers in ({"Authorization": "Bearer x.y.z"}, {"Accept": "image/png", **bearer}):
            answer = ask(site, path.split("?")[0], headers)
            assert answer.status_code in (401, 404, 406)
            assert found(said(answer), everything) == set()


def test_each_role_gets_all_that_it_may_read(site, role, canaries):
    audience, headers = role
    text = ask(site, f"/passports{PACK}?format=vp", headers).get_data(as_text=True)
    wanted = {word for name, words in canaries.of.items() if name in readable(audience) for word in words}
    assert {word for word in wanted if word not in text} == set()


@pytest.mark.parametrize("form", ["nquads", "turtle", "csv", "html"])
def test_no_public_datum_is_withheld_in_any_form(site, canaries, form):
    text = ask(site, f"/passports{PACK}?format={form}", {}).get_data(as_text=True)
    words = {
        word for name, words in canaries.of.items() for word in words
        if name in readable(Audience.PUBLIC) and word.startswith("canary")
    }  # fmt: skip
    assert {word for word in words if word not in text} == set()


# --- look-alikes ----------------------------------------------------------------------------------------------------


def test_hidden_withdrawn_and_unknown_credentials_look_alike(aviary, make_site, tmp_path):
    site = make_site(aviary, tmp_path)

    def face(path: str) -> tuple:
        answer = site.client.get(path)
        return answer.status_code, answer.data, sorted(name for name, _ in answer.headers)

    unknown = face("/credentials/00000000-0000-4000-8000-000000000000")
    for type_, subject in ((MODEL_DETAIL, BASE + GTIN), (CONDITION, BASE + PACK), (EVENT, BASE + PACK)):
        for stored in aviary.store.history(subject, type_):
            assert face(stored.id.removeprefix(BASE)) == unknown
    assert unknown[0] == 404


# --- default deny ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", [audience for audience in ROLES if audience != Audience.PUBLIC], ids=str)
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
        self.kept: dict[str, list[tuple[dict, tuple]]] = {}
        self.hits = 0

    def get(self, path: str, headers: dict) -> tuple[int, str]:
        for asked, answer in self.kept.get(path, ()):
            if all(asked[name] == headers.get(name) for name in asked):
                self.hits += 1
                return answer
        got = self.client.get(path, headers=headers)
        answer = (got.status_code, got.get_data(as_text=True))
        control = got.headers.get("Cache-Control", "")
        # With Authorization a cache may keep an answer only where it says public.
        if "public" in control and "no-store" not in control and "private" not in control:
            names = [name.strip() for name in got.headers.get("Vary", "").split(",") if name.strip()]
            self.kept.setdefault(path, []).append(({name: headers.get(name) for name in names}, answer))
        return answer


def test_roles_that_take_turns_at_a_shared_cache_never_get_each_others_answers(site, canaries):
    services = site.app.extensions["resolver"]
    cache = SharedCache(Client(Front(site.app.wsgi_app, services)))
    readers = {Audience.PUBLIC: {}, Audience.LEGITIMATE_INTEREST: site.bearer(Audience.LEGITIMATE_INTEREST),
               Audience.MARKET_SURVEILLANCE: site.bearer(Audience.MARKET_SURVEILLANCE)}  # fmt: skip
    hidden = {audience: forbidden(canaries, audience) for audience in readers}
    # One word that a role gets and the next one does not tells a crossing in the other direction.
    own = {
        audience: next(word for name in sorted(readable(audience) - readable(Audience.PUBLIC))
                       for word in sorted(canaries.of.get(name, ())))
        for audience in readers if readers[audience]
    }  # fmt: skip
    paths = [f"/passports{PACK}?format=vp", f"/passports{PACK}", f"/v1/dpps/{DPP}"]
    chance = random.Random(20270308)
    seen: dict[tuple[str, str, str], str] = {}
    for turn in range(INTERLEAVED):
        audience, path = chance.choice(list(readers)), chance.choice(paths)
        accept = "application/vp" if path == paths[0] or turn % 2 else "application/ld+json"
        status, text = cache.get(path, {**readers[audience], "Accept": accept})
        assert status == 200
        # The same text needs no second search.
        if seen.get((audience, path, accept)) != text:
            assert found(text, hidden[audience]) == set()
            if audience in own and "/v1/" not in path:
                assert own[audience] in text
            seen[audience, path, accept] = text
    assert cache.hits > INTERLEAVED // 10


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
