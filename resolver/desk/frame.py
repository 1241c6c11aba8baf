"""What all pages of the desk share: who is let in, the first line, the log of looks, the forms of an answer."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, render_template, request
from werkzeug.exceptions import NotFound

from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.oversight.alert_list import AlertList
from passport.oversight.alert_register import AlertEntry, AlertRegister
from passport.oversight.scrap_query import is_dismantler
from passport.presenting.pack_events import readable_kinds
from passport.store.log.access_log import AccessRecord
from passport.store.state.alert_handling import AlertHandling
from passport.store.state.saved_queries import SavedQueries
from passport.supervision.alerts import LIVE
from passport.supervision.rulebook import rulebook
from passport.texts import Message, Text
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader
from resolver.desk.names import DeskNames
from resolver.forms.negotiation import choose_language
from resolver.page import formatting as f
from resolver.page.wording import Words
from resolver.services import Services
from resolver.views import reader, services
from resolver.views.passports import holder_of_form

ROOT = "/desk"
#: The page of an actor about itself, outside the desk.
OWN = "/duties"
blueprint = Blueprint("desk", __name__)
AUTHORITIES = frozenset({Audience.CN_REGULATOR, Audience.MARKET_SURVEILLANCE})
#: Days are those of China where the role is Chinese.
CHINA = timezone(timedelta(hours=8))
HTML, CSV, JSON = FORMS = ("html", "csv", "json")
_MAX_TEXT = 300


@dataclass(frozen=True)
class Visitor:
    """Who reads, and how the token is handed on.

    :ivar token: where it came in a form; None where it came in the header.
    """

    reader: AuthorisedReader
    token: str | None = field(repr=False)
    language: str
    at: datetime

    @property
    def is_authority(self) -> bool:
        """Whether the desk exists for this reader. A role for some packs opens those, not the desk."""
        return self.reader.audience in AUTHORITIES and not self.reader.packs

    @property
    def sees_all(self) -> bool:
        """Whether the reader may read every kind of event, with its details."""
        return self.reader.audience is Audience.CN_REGULATOR

    def may_see(self, entry: AlertEntry) -> bool:
        """Whether the reader may read all events of the evidence of an alert."""
        return self.sees_all or entry.kinds <= readable_kinds(self.reader.audience)


@dataclass(frozen=True)
class Table:
    """A table for a spreadsheet."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Any]]

    def to_csv(self) -> bytes:
        """UTF-8 with a byte order mark, by which spreadsheets know it. A cell never begins a formula."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.headings)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return ("\ufeff" + text.getvalue()).encode()

    def to_json(self) -> list[JsonObject]:
        return [dict(zip(self.headings, row, strict=True)) for row in self.rows]


@dataclass(frozen=True)
class DeskPage:
    """An answer of the desk.

    :ivar template: under ``templates/desk/``; :ivar here: its address below the root, for navigation and exports.
    :ivar subject: what the log says was looked at; None: the address of the page.
    :ivar elements: what of it, as words of the log.
    :ivar table: what an export holds; None where there is nothing to export.
    """

    template: str
    here: str
    values: Mapping[str, Any]
    subject: str | None = None
    elements: tuple[str, ...] = ()
    table: Table | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True)
class Desk:
    """What the desk works with beside the services. One object for each application."""

    register: AlertRegister
    alerts: AlertList
    queries: SavedQueries


def desk() -> Desk:
    made: Desk | None = current_app.extensions.get("desk")
    if made is None:
        here = services()
        register = AlertRegister(here.store, AlertHandling(here.state.path), rulebook())
        made = current_app.extensions["desk"] = Desk(register, AlertList(register), SavedQueries(here.state.path))
    return made


# --- who is let in --------------------------------------------------------------------------------------------------

View = Callable[..., DeskPage | Response]


def route(*rules: str, sees_all: bool = False) -> Callable[[View], View]:
    """Register a page of the desk, for GET with a token in the header and POST with one in the form.

    :param sees_all: the page is made of events that only ``cn-regulator`` may read.
    """
    addresses = [ROOT + rule for rule in rules]
    return _registered(addresses, lambda visitor: visitor.is_authority and (visitor.sees_all or not sees_all))


def own_route(rule: str, admits: Callable[[Visitor], bool] = lambda visitor: True) -> Callable[[View], View]:
    """Register a page for the holder of any role, about itself."""
    return _registered([rule], admits)


def _registered(rules: Sequence[str], admits: Callable[[Visitor], bool]) -> Callable[[View], View]:
    def enter(view: View) -> View:
        @wraps(view)
        def answer(**places: Any) -> Response:
            visitor = _visitor()
            if not admits(visitor):
                # Nobody learns here whether there is such a page.
                raise NotFound
            made = view(visitor, **places)
            return made if isinstance(made, Response) else respond(visitor, made)

        for rule in rules:
            blueprint.add_url_rule(rule, endpoint=view.__name__, view_func=answer, methods=["GET", "POST"])
        return view

    return enter


def _visitor() -> Visitor:
    """:raises NotFound: there is no token at all.

    :raises InvalidToken: there is one, and it is not valid; or there are two.
    """
    token = None
    if request.method == "POST":
        if "access_token" not in request.form and "Authorization" not in request.headers:
            raise NotFound
        # A form has its token in a field, a program that posts too: a header beside it, or instead, is refused.
        who, token = holder_of_form()
    else:
        in_header = reader()
        if in_header is None:
            raise NotFound
        who = in_header
    return visitor_of(who, token)


def visitor_of(who: AuthorisedReader, token: str | None) -> Visitor:
    here = services()
    language = choose_language(request.headers.get("Accept-Language"), request.args.get("lang"), here.config.languages)
    return Visitor(who, token, language, here.now())


# --- what was asked for ---------------------------------------------------------------------------------------------


def chosen(name: str, most: int = _MAX_TEXT) -> str | None:
    """A field of the form or of the address; None where it is empty.

    :raises MalformedDocument: it is too long, or there are several.
    """
    values = [value for value in request.values.getlist(name) if value.strip()]
    if len(values) > 1 or any(len(value) > most or "\0" in value for value in values):
        raise MalformedDocument(
            Message("{name} of the request", name=name),
            expected=Message("one text of at most {count} characters", count=most),
        )
    return values[0].strip() if values else None


def chosen_code(name: str, known: Sequence[str]) -> str | None:
    """A field that has one of the known values.

    :raises MalformedDocument: another one.
    """
    value = chosen(name)
    if value is not None and value not in known:
        raise MalformedDocument(Message("{name} of the request", name=name), expected=", ".join(known)[:300])
    return value


def chosen_codes(name: str, known: Sequence[str]) -> frozenset[str]:
    """A field that may be there several times.

    :raises MalformedDocument: an unknown value.
    """
    values = frozenset(value for value in request.values.getlist(name) if value)
    if not values <= set(known):
        raise MalformedDocument(Message("{name} of the request", name=name), expected=", ".join(known)[:300])
    return values


def chosen_number(name: str) -> int | None:
    """:raises MalformedDocument: it is no whole number."""
    value = chosen(name)
    if value is not None and not (value.isascii() and value.isdecimal() and len(value) < 12):
        raise MalformedDocument(Message("{name} of the request", name=name), expected=Message("a whole number"))
    return None if value is None else int(value)


def chosen_day(name: str) -> date | None:
    """:raises MalformedDocument: it is no day."""
    value = chosen(name)
    try:
        return None if value is None else date.fromisoformat(value)
    except ValueError as error:
        raise MalformedDocument(
            Message("{name} of the request", name=name), expected=Message("a day such as 2027-03-08")
        ) from error


# --- the answer -----------------------------------------------------------------------------------------------------


def respond(visitor: Visitor, page: DeskPage) -> Response:
    """The page in the form asked for. The look is on the disk before it goes out."""
    form = chosen("format") or HTML
    if form not in FORMS or (form != HTML and page.table is None):
        raise MalformedDocument(Message("{name} of the request", name="format"), expected=", ".join(FORMS))
    here = services()
    look(visitor, page.subject or here.config.base_url + page.here, page.template, *page.elements, form)
    if form != HTML and page.table is not None:
        return _export(page, form, page.table)
    words = Words(visitor.language)
    html = render_template(
        f"desk/{page.template}.html", words=words, language=visitor.language, desk=Frame(visitor, page, here),
        names=DeskNames(visitor.language, here, link=Frame(visitor, page, here).to), **page.values,
    )  # fmt: skip
    response = Response(html, page.status, content_type="text/html; charset=utf-8")
    response.headers["Content-Language"] = visitor.language
    return _unkept(response)


def look(visitor: Visitor, subject: str, *elements: str) -> None:
    """Write down what a reader is about to get."""
    who = visitor.reader
    services().state.log(
        AccessRecord(
            services().now(), who.token_id, who.holder, who.audience.value, who.purpose, subject,
            ("desk", *elements),
        )
    )  # fmt: skip


def _export(page: DeskPage, form: str, table: Table) -> Response:
    name = f"{page.template}.{form}"
    if form == CSV:
        response = Response(table.to_csv(), content_type="text/csv; charset=utf-8")
    else:
        body = strict_json.dumps({"items": table.to_json()})
        response = Response(body, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return _unkept(response)


def _unkept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    text = str(value)
    # A spreadsheet would calculate what begins so.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not isinstance(value, int) else value


class Frame:
    """What the template of the frame needs."""

    def __init__(self, visitor: Visitor, page: DeskPage, here: Services) -> None:
        self.visitor, self.page, self._here = visitor, page, here
        self.token = visitor.token
        self.language = visitor.language

    def to(self, path: str, **query: object) -> str:
        """An address of this site with its query, in the reader's language."""
        kept = {name: value for name, value in query.items() if value not in (None, "")}
        kept.setdefault("lang", self.language)
        return f"{self._here.config.root}{path}?{urlencode(kept, doseq=True)}"

    def again(self, **query: object) -> str:
        """This page with its choices, and others."""
        return self.to(self.page.here, **{**self.page.query, **query})

    @property
    def is_authority(self) -> bool:
        return self.visitor.is_authority

    @property
    def role(self) -> Mapping[str, Any]:
        """The fields of the first line."""
        who, language = self.visitor.reader, self.language
        issuer = self._here.config.trust_list.issuer(who.issuer)
        return {
            "issuer": issuer.named(language) if issuer else f.shortened(who.issuer),
            "holder": f.shortened(who.holder),
            "role": who.audience.value,
            "until": f.day(who.role_until.date(), language) if who.role_until else None,
            "purpose": who.purpose,
            "time": f.clock(who.until, language),
        }

    @property
    def looks_today(self) -> int:
        """How often this reader looked since midnight, this page included."""
        start = self.visitor.at.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._here.state.reads.count(self.visitor.reader.holder, start)

    @property
    def open_alerts(self) -> int:
        return sum(entry.status in LIVE and self.visitor.may_see(entry) for entry in desk().alerts.entries())

    @property
    def navigation(self) -> Sequence[tuple[str, Text, bool, int | None]]:
        """Address, name, whether it is this page or one below it, and a count."""
        if self.is_authority:
            entries = [(ROOT + path, name) for path, name, needs_all in _NAVIGATION
                       if self.visitor.sees_all or not needs_all]  # fmt: skip
        else:
            entries = [(OWN, Message("My duties"))]
            if is_dismantler(self._here.store, self.visitor.reader.holder, int(self.visitor.at.timestamp())):
                entries.append((f"{ROOT}/scrap", Message("Scrapping")))
        return [
            (path, name, f"{self.page.here}/".startswith(f"{path}/"),
             self.open_alerts if path == f"{ROOT}/alerts" else None)
            for path, name in entries
        ]  # fmt: skip

    @property
    def languages(self) -> Sequence[str]:
        return self._here.config.languages

    @property
    def seen_at(self) -> str:
        """When this was read."""
        return f.moment(self.visitor.at, self.language)


#: Address, name, and whether the page needs a reader who sees all.
_NAVIGATION: tuple[tuple[str, Message, bool], ...] = (
    ("/alerts", Message("Alerts"), False),
    ("/flows", Message("Flows"), True),
    ("/completeness", Message("Completeness"), True),
    ("/overdue", Message("Overdue"), True),
    ("/scrap", Message("Scrapping"), True),
    ("/looks", Message("Looks"), False),
)


def end() -> None:
    """Forget the reader of this request: what follows is public."""
    g.pop("reader", None)
