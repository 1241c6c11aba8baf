"""Feeds of alerts: made and ended at the desk, read by programs with a token of their own.

A feed shows alerts by their last change, the newest first, resolved ones too unless states were chosen. Its token comes
in ``Authorization`` only. A reader that has the newest page is told so (304), and only what goes out is a look.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from threading import Lock
from typing import Any
from urllib.parse import urlencode

from cachetools import LRUCache
from flask import Response, current_app, g, request
from werkzeug.exceptions import NotFound

from passport.oversight.alert_list import AlertFilter, choices_of
from passport.oversight.alert_register import AlertEntry
from passport.store.state.alert_feeds import AlertFeed, AlertFeeds
from passport.supervision.alerts import AlertStatus
from passport.texts import Message, say
from resolver.desk.alerts import chosen_query, naming, page_names
from resolver.desk.feed_forms import FeedItem, FeedPage, atom, json_feed
from resolver.desk.frame import ROOT, DeskPage, Visitor, blueprint, chosen, desk, look, route, visitor_of
from resolver.page.wording import Words
from resolver.views import services

_AT_ONCE = 25
_FORMS = {"atom": (atom, "application/atom+xml"), "json": (json_feed, "application/feed+json")}
_TITLE = Message("Alerts of supervision")
#: Pages whose first sight this process remembers.
_REMEMBERED = 1000
_LOCK = Lock()


@route("/feeds")
def desk_feeds(visitor: Visitor) -> DeskPage:
    """The reader's feeds; makes one of the choices of the request, or ends one.

    :raises MalformedDocument: the name is none.
    """
    holder, at, query = visitor.reader.holder, visitor.at, chosen_query()
    feeds, token = _feeds(), None
    if request.method == "POST":
        if (ended := chosen("end")) is not None:
            feed = feeds.forget(holder, ended)
            if feed is not None:
                services().access.end_feed(feed.id, feed.until, at)
        elif (name := chosen("name")) is not None:
            kept = urlencode(query, doseq=True)
            grant = services().access.feed_token(visitor.reader, kept, at)
            feeds.keep(holder, AlertFeed(grant.reader.token_id, name, kept, grant.reader.until), at)
            token = grant.access_token
    base, names = services().config.base_url, page_names(visitor)
    return DeskPage(
        "feeds",
        f"{ROOT}/feeds",
        {
            "feeds": [(feed, names.day(feed.until), _told(feed.query)) for feed in feeds.of(holder, at)],
            "feed_token": token,
            "addresses": [f"{base}{ROOT}/feeds/alerts.{form}?lang={visitor.language}" for form in _FORMS],
            "query": query,
            "choices": _told(urlencode(query, doseq=True)),
        },
        elements=("made",) if token else (),
        query=query,
    )


@blueprint.get(f"{ROOT}/feeds/alerts.<form>")
def desk_feed(form: str) -> Response:
    """A page of a feed.

    :raises NotFound: no token, a role without a desk, or no such form.
    """
    header = request.headers.get("Authorization")
    if header is None or form not in _FORMS:
        raise NotFound
    who, kept = services().access.read_feed(header, services().now())
    g.reader = who
    visitor = visitor_of(who, None)
    if not visitor.is_authority:
        raise NotFound
    choices = chosen_query() if kept is None else choices_of(kept)
    render, media_type = _FORMS[form]
    body = render(_page(visitor, choices, form, fixed=kept is not None))
    response = Response(body, content_type=media_type)
    response.headers["Content-Language"] = visitor.language
    response.headers["Vary"] = "Accept-Language, Authorization"
    tag = sha256(body).hexdigest()[:32]
    response.set_etag(tag)
    response.last_modified = _first_seen(tag, visitor.at)
    g.feed = True
    response.make_conditional(request)
    if response.status_code == 200:
        # On the disk before it goes out.
        look(visitor, f"{services().config.base_url}{ROOT}/feeds/alerts.{form}", "feed")
    return response


def _page(visitor: Visitor, choices: dict[str, Any], form: str, *, fixed: bool) -> FeedPage:
    """A page of the alerts that fit.

    :param fixed: the choices are those of the token, and are not repeated in addresses.
    """
    wanted = AlertFilter.of(
        {"status": [status.value for status in AlertStatus], **choices}, visitor.at, me=visitor.reader.holder
    )
    fitting = sorted(
        (entry for entry in desk().alerts.entries() if visitor.may_see(entry) and not wanted.misses(entry, visitor.at)),
        key=_cursor,
        reverse=True,
    )
    after = chosen("after")
    start = next((n for n, entry in enumerate(fitting) if _cursor(entry) < after), len(fitting)) if after else 0
    shown = fitting[start : start + _AT_ONCE]
    base, language = services().config.base_url, visitor.language
    address = f"{base}{ROOT}/feeds/alerts.{form}"

    def to(**more: str) -> str:
        return f"{address}?{urlencode({**({} if fixed else choices), 'lang': language, **more}, doseq=True)}"

    more = start + _AT_ONCE < len(fitting)
    return FeedPage(
        address, say(_TITLE, language), language, base.split("://", 1)[1], f"{base}{ROOT}/alerts",
        to(after=after) if after else to(), to(after=_cursor(shown[-1])) if more else None,
        [_item(visitor, entry) for entry in shown],
    )  # fmt: skip


def _item(visitor: Visitor, entry: AlertEntry) -> FeedItem:
    names, words = page_names(visitor), Words(visitor.language)
    rule = names.rule(entry.rule.code)
    status = words(f"desk-status-{entry.status.value}")
    tags = (rule, words(f"desk-severity-{entry.rule.severity}"), status, names.province(entry.province))
    return FeedItem(
        f"{services().config.base_url}{ROOT}/alerts/{entry.id}", f"{rule} · {status}",
        entry.sentence(visitor.language, naming(entry, names)), entry.alert.opened, _changed(entry),
        tuple(tag for tag in tags if tag), entry.rule.code, entry.rule.severity, entry.status.value,
        entry.finding.due,
    )  # fmt: skip


def _changed(entry: AlertEntry) -> datetime:
    alert = entry.alert
    return max([alert.opened, *([alert.closed] if alert.closed else []), *(step.at for step in alert.steps)])


def _cursor(entry: AlertEntry) -> str:
    """The place of an alert in the feed, as text that sorts as the feed does."""
    return f"{int(_changed(entry).timestamp()):011}.{entry.id}"


def _told(query: str) -> str:
    """Choices in words of the log: names and codes."""
    return ", ".join(
        f"{name}: {' '.join(value) if isinstance(value, list) else value}" for name, value in choices_of(query).items()
    )


def _feeds() -> AlertFeeds:
    made: AlertFeeds | None = current_app.extensions.get("alert-feeds")
    if made is None:
        made = current_app.extensions["alert-feeds"] = AlertFeeds(services().state.path)
    return made


def _first_seen(tag: str, at: datetime) -> datetime:
    """When this process first made this very page: not before its last change, so that nothing new is kept back."""
    with _LOCK:
        seen: LRUCache[str, datetime] = current_app.extensions.setdefault("feeds-seen", LRUCache(_REMEMBERED))
        return seen.setdefault(tag, at.replace(microsecond=0))
