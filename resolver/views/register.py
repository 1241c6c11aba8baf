"""The register of other makers' passports, for readers: look-up of any code, search and dump over all makers.

    GET /register             ?code=                        page, JSON; application/vp is the passport itself
    GET /register/passports   ?maker=&model=&category=      page, JSON
    GET /register/dump                                      JSON lines: a presentation a line

* A look-up asks the maker's resolver, at the address of the registration, and verifies the answer before it is shown.
  A visitor never chooses an address. One answer holds for :data:`KEPT` seconds, and few are asked at a time.
* Where the resolver does not answer, the continuity copy is shown, with its date: "status as of T".
* Search and dump are over the copies. Nothing restricted is in them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from cachetools import TTLCache
from flask import Blueprint, Response, current_app, render_template, request

from passport.credentials import credential as vcdm
from passport.directory.register.passport_source import ACCEPT, presentation_of
from passport.directory.register.registration_lookup import AnswerSource, LookupAnswer, LookupKind, RegistrationLookup
from passport.errors import FetchFailed, MalformedDocument, UnknownPassport
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store.register.passport_copies import CopiedPassport
from passport.store.register.register_rows import Registration
from passport.store.register.register_store import RegisterStore
from passport.texts import Message, day
from resolver.forms.negotiation import HTML, JSON, JSONLD, VP, choose_form, choose_language
from resolver.page.wording import Words
from resolver.views import public, services

blueprint = Blueprint("register", __name__)
FORMS = (HTML, JSON, VP, JSONLD)
VARY = "Accept, Accept-Language"
#: Seconds for which an answer of a maker's resolver holds here; how many are asked at a time, and seconds for one.
KEPT, AT_A_TIME, TIMEOUT = 60, 4, 4.0
MAX_TEXT, PAGE = 500, 50
_PARAMETERS = frozenset({"maker", "model", "category", "after", "format", "lang"})
_TEXTS = {
    "register": Message("Register of passports"),
    "about": Message("Which battery passports are registered, of all makers that this register knows."),
    "none-here": Message("This site keeps no register."),
    "code": Message("Code on the plate, serial number, or address of the passport"),
    "look": Message("Look up"),
    "counts": Message("In this register"),
    "search": Message("Search over all makers"),
    "maker": Message("Maker"),
    "model": Message("Model"),
    "category": Message("Category"),
    "any": Message("any"),
    "find": Message("Find"),
    "found": Message("Registered passports"),
    "none": Message("No registered passport fits."),
    "several": Message("Several registered passports have this code"),
    "next": Message("Next page"),
    "dump": Message("All of them, as JSON lines"),
    "product": Message("Product"),
    "operator": Message("Operator"),
    "registration": Message("Registration"),
    "since": Message("Since"),
    "digest": Message("Digest of the version"),
    "to-passport": Message("Open the passport at its maker"),
    "successor": Message("Responsible now"),
    "to-successor": Message("its registration"),
    "signed": Message("The passport, signed"),
    "differences": Message("Register and passport differ"),
    "member": Message("Entry"),
    "registered-value": Message("Registered"),
    "passport-value": Message("In the passport"),
    "nothing": Message("nothing"),
    "back": Message("Register"),
}
_HEADLINES = {
    LookupKind.REGISTERED: Message("Registered"),
    LookupKind.NOT_REGISTERED: Message("Not registered"),
    LookupKind.WITHDRAWN: Message("Withdrawn"),
    LookupKind.SUSPENDED: Message("Suspended"),
    LookupKind.MOVED: Message("Moved to another operator"),
}
_SENTENCES = {
    LookupKind.REGISTERED: Message("This battery has a passport that is registered here."),
    LookupKind.NOT_REGISTERED: Message(
        "No passport of this code is registered here. It may be registered elsewhere, or the code was mistyped."
    ),
    LookupKind.WITHDRAWN: Message("The passport or its registration was withdrawn. It no longer counts."),
    LookupKind.SUSPENDED: Message("The registration is suspended. Until that ends, do not rely on the passport."),
    LookupKind.MOVED: Message("Another operator is now responsible for this battery and registered its passport."),
}
_SOURCES = {
    AnswerSource.RESOLVER: Message("The maker's resolver answered just now, and the answer was verified here."),
    AnswerSource.COPY: Message(
        "The maker's resolver gave no answer that verifies. What follows is the copy of {taken}, verified as of that "
        "day; status as of {status}."
    ),
    AnswerSource.NOBODY: Message(
        "The maker's resolver gave no answer that verifies, and there is no copy of the passport."
    ),
}


@dataclass(frozen=True)
class RegisterReader:
    """The register as the read side has it; made when it is first asked for."""

    store: RegisterStore
    lookup: RegistrationLookup
    answers: TTLCache[tuple[str, str], LookupAnswer]
    lock: threading.Lock = field(default_factory=threading.Lock)


@blueprint.get("/register")
def register() -> Response:
    """The form, or what the register says of a code."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), FORMS)
    reader, code = _reader(), (request.args.get("code") or "").strip()
    if len(code) > MAX_TEXT or "\0" in code:
        raise MalformedDocument(Message("code"), expected=Message("at most {count} characters", count=MAX_TEXT))
    if reader is None or not code:
        counts = {} if reader is None else reader.store.counts()
        if form is not HTML:
            return _json({"counts": counts})
        return _page("register.html", is_register=reader is not None, counts=counts, found=None, code="")
    found = reader.lookup.find(code)
    if len(found) > 1 and len({each.product for each in found}) == 1:
        # Of several entries for one product, the entry that was not moved to another operator.
        found = tuple(each for each in found if each.moved_to is None) or found[-1:]
    if len(found) > 1:
        if form is not HTML:
            return _json({"outcome": "several", "registrations": [_described(each) for each in found]})
        return _page("register.html", is_register=True, counts={}, found=found, code=code)
    if not found:
        if form is not HTML:
            return _json({"outcome": LookupKind.NOT_REGISTERED.value, "code": code}, 404)
        return _page(
            "registration.html", 404, kind=LookupKind.NOT_REGISTERED, headline=_HEADLINES[LookupKind.NOT_REGISTERED],
            sentence=_SENTENCES[LookupKind.NOT_REGISTERED], code=code, answer=None, source=None, operator="", link=None,
        )  # fmt: skip
    answer = _answered(reader, found[0])
    if form in (VP, JSONLD):
        if answer.passport is None or answer.kind is not LookupKind.REGISTERED:
            raise UnknownPassport(Message("there is no registered passport that can be shown"))
        return public(strict_json.dumps(answer.passport.document), form.media_type, max_age=0, vary=VARY)
    if form is JSON:
        return _json(_answer_document(answer))
    return _answer_page(answer, code)


@blueprint.get("/register/passports")
def passports() -> Response:
    """Registered passports of all makers that fit."""
    form = choose_form(request.headers.get("Accept"), request.args.get("format"), (HTML, JSON))
    if set(request.args) - _PARAMETERS or any(len(values) > 1 for _, values in request.args.lists()):
        raise MalformedDocument(Message("unknown parameter"), expected=", ".join(sorted(_PARAMETERS)))
    texts = {name: (request.args.get(name) or "").strip() for name in ("maker", "model", "category", "after")}
    if any(len(text) > MAX_TEXT or "\0" in text for text in texts.values()):
        raise MalformedDocument(Message("parameter"), expected=Message("at most {count} characters", count=MAX_TEXT))
    reader = _reader()
    rows = () if reader is None else reader.store.copies(**texts, limit=PAGE + 1)
    following = None
    if len(rows) > PAGE:
        rows = rows[:PAGE]
        kept = {name: text for name, text in texts.items() if text and name != "after"}
        for name in ("format", "lang"):
            if request.args.get(name):
                kept[name] = request.args[name]
        following = f"{services().config.base_url}/register/passports?{urlencode({**kept, 'after': rows[-1].product})}"
    if form is JSON:
        return _json({"items": [_copied(each) for each in rows], "next": following})
    switch = urlencode({name: text for name, text in texts.items() if text})
    return _page(
        "registered.html", is_register=reader is not None, rows=rows, next=following, texts=texts,
        categories=services().vocabulary.enumerations["batteryCategory"], switch_query=f"&{switch}" if switch else "",
    )  # fmt: skip


@blueprint.get("/register/dump")
def dump() -> Response:
    """Every registered passport as it was copied, one presentation a line."""
    reader = _reader()
    if reader is None:
        raise UnknownPassport(Message("this site keeps no register"))
    response = Response(_lines(reader.store), content_type="application/x-ndjson")
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


def _lines(store: RegisterStore) -> Iterator[bytes]:
    after = ""
    while rows := store.copies(after=after, limit=200):
        for row in rows:
            copy = store.copy(row.product)
            if copy is not None:
                yield strict_json.dumps({**_copied(row), "presentation": presentation_of(copy)}) + b"\n"
        after = rows[-1].product


# --- inside -----------------------------------------------------------------------------------------------------------


def _reader() -> RegisterReader | None:
    """The register of this project; None where it is none."""
    path = services().config.register_path
    reader: RegisterReader | None = current_app.extensions.get("resolver-register")
    if reader is None and path is not None and path.exists():
        client = GuardedClient(timeout=TIMEOUT)
        for url in services().config.register_reach:
            client = client.naming(url)
        turns = threading.BoundedSemaphore(AT_A_TIME)

        def fetch(url: str) -> bytes:
            if not turns.acquire(timeout=TIMEOUT):
                raise FetchFailed(Message("too many are asked at this moment"))
            try:
                return client.get(url, accept=ACCEPT).body
            finally:
                turns.release()

        store, trust = RegisterStore(path), services().trust
        lookup = RegistrationLookup(store, trust.current, current_app.extensions.get("register-fetch", fetch))
        reader = RegisterReader(store, lookup, TTLCache(1000, KEPT, time.monotonic))
        current_app.extensions["resolver-register"] = reader
    return reader


def _answered(reader: RegisterReader, registration: Registration) -> LookupAnswer:
    """What the register says; the same for a minute, unless the registration changed."""
    key = (registration.registration, f"{registration.state} {registration.since} {registration.submission}")
    with reader.lock:
        known = reader.answers.get(key)
    if known is None:
        known = reader.lookup.answer(registration, services().now())
        with reader.lock:
            reader.answers[key] = known
    return known


def _described(registration: Registration) -> JsonObject:
    return {
        "registrationId": registration.registration,
        "product": registration.product,
        "operator": registration.operator,
        "state": registration.state.value,
        "since": vcdm.date_time(registration.since),
        "movedTo": registration.moved_to,
    }


def _copied(row: CopiedPassport) -> JsonObject:
    return {
        "product": row.product, "takenAt": vcdm.date_time(row.taken), "maker": row.maker, "model": row.model,
        "category": row.category,
    }  # fmt: skip


def _answer_document(answer: LookupAnswer) -> JsonObject:
    return {
        "outcome": answer.kind.value,
        "registration": _described(answer.registration),
        "entry": answer.entry.to_json(),
        "source": answer.source.value,
        "asOf": None if answer.as_of is None else vcdm.date_time(answer.as_of),
        "statusAsOf": None if answer.status_at is None else vcdm.date_time(answer.status_at),
        "unreachable": answer.unreachable,
        "differences": [each.to_json() for each in answer.differences],
        "verified": None if answer.passport is None else answer.passport.result.verified,
        "successor": None if answer.successor is None else _described(answer.successor),
    }


def _answer_page(answer: LookupAnswer, code: str) -> Response:
    language = _language()
    source = None
    if answer.kind is not LookupKind.MOVED:
        source = _SOURCES[answer.source]
        if answer.source is AnswerSource.COPY and answer.as_of is not None:
            source = source.fill(
                taken=day(answer.as_of, language), status=day(answer.status_at or answer.as_of, language)
            )
    return _page(
        "registration.html", kind=answer.kind, headline=_HEADLINES[answer.kind], sentence=_SENTENCES[answer.kind],
        code=code, answer=answer, source=source,
        # What an operator registered is text; a link leads to the web and nowhere else.
        link=answer.registration.product if answer.registration.product.startswith(("https://", "http://")) else None,
        operator=_operator(answer.registration, language),
        successor=None if answer.successor is None else _operator(answer.successor, language),
    )  # fmt: skip


def _operator(registration: Registration, language: str) -> str:
    """The name of a registration's operator, as the trust list of this site has it; else its DID."""
    issuer = services().config.trust_list.issuer(registration.operator)
    return registration.operator if issuer is None else issuer.named(language)


def _json(document: JsonObject, status: int = 200) -> Response:
    response = Response(strict_json.dumps(document), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = VARY
    return response


def _language() -> str:
    return choose_language(
        request.headers.get("Accept-Language"), request.args.get("lang"), services().config.languages
    )  # fmt: skip


def _page(template: str, status: int = 200, **values: object) -> Response:
    language = _language()
    words = Words(language)
    texts = {key: words.say(message) for key, message in _TEXTS.items()}
    asked = urlencode({"code": request.args["code"]}) if request.args.get("code") else ""
    values.setdefault("switch_query", f"&{asked}" if asked else "")
    html = render_template(
        template, words=words, language=language, t=texts, day=lambda at: day(at, language), **values
    )  # fmt: skip
    response = Response(html.encode("utf-8"), status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Vary"] = VARY
    response.headers["Content-Language"] = language
    return response
