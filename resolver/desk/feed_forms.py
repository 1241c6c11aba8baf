"""A page of a feed of alerts as Atom (RFC 4287, pages by RFC 5005) and as JSON Feed 1.1."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from passport.linked_data import strict_json

_ATOM = "http://www.w3.org/2005/Atom"
#: What no XML document may hold, in whatever form.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class FeedItem:
    """One alert as it is now. :ivar id: an address that stays; :ivar tags: rule, severity, status, province.

    :ivar status: code, :ivar due: deadline.
    """

    id: str
    title: str
    text: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...]
    rule: str
    severity: str
    status: str
    due: datetime | None


@dataclass(frozen=True)
class FeedPage:
    """:ivar id: address of the feed without choices; :ivar here, next: of this page and the one behind, if any."""

    id: str
    title: str
    language: str
    publisher: str
    home: str
    here: str
    next: str | None
    items: Sequence[FeedItem]

    @property
    def updated(self) -> datetime:
        """The newest change on the page."""
        return max((item.updated for item in self.items), default=_NEVER)


def atom(page: FeedPage) -> bytes:
    """The page as an Atom document."""
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": page.language})
    _add(feed, "id", page.id)
    _add(feed, "title", page.title)
    _add(feed, "updated", _instant(page.updated))
    author = ET.SubElement(feed, "author")
    _add(author, "name", page.publisher)
    for rel, address in (("self", page.here), ("alternate", page.home), ("next", page.next)):
        if address:
            ET.SubElement(feed, "link", {"rel": rel, "href": address})
    for item in page.items:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", item.id)
        _add(entry, "title", item.title)
        _add(entry, "updated", _instant(item.updated))
        _add(entry, "published", _instant(item.published))
        ET.SubElement(entry, "link", {"rel": "alternate", "href": item.id})
        for tag in item.tags:
            ET.SubElement(entry, "category", {"term": _NO_XML.sub("\ufffd", tag)})
        _add(entry, "summary", item.text)
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body


def json_feed(page: FeedPage) -> bytes:
    """The page as JSON Feed 1.1; what Atom has no place for is under ``_alert``."""
    members = {
        "version": "https://jsonfeed.org/version/1.1", "title": page.title, "home_page_url": page.home,
        "feed_url": page.here, "language": page.language, "authors": [{"name": page.publisher}],
        **({"next_url": page.next} if page.next else {}),
        "items": [
            {
                "id": item.id, "url": item.id, "title": item.title, "content_text": item.text,
                "date_published": _instant(item.published), "date_modified": _instant(item.updated),
                "tags": list(item.tags),
                "_alert": {
                    "rule": item.rule, "severity": item.severity, "status": item.status,
                    "due": _instant(item.due) if item.due else None,
                },
            }
            for item in page.items
        ],
    }  # fmt: skip
    return strict_json.dumps(members)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _NO_XML.sub("\ufffd", text)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
