"""What the page template lays out: values only, decided in :mod:`resolver.page.page`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from resolver.access import AuthorisedReader
from resolver.page.life.lifecycle import Happening
from resolver.page.pictures.charts import Figure
from resolver.page.trust_strip import TrustStrip


@dataclass(frozen=True)
class PageRequest:
    """What the reader asked for; ``regime`` is the value of ``?regime=``, whatever it is."""

    language: str
    regime: str | None
    reader: AuthorisedReader | None
    at: datetime
    #: Where the reader is in a browser: the access token, which the page's forms hand on.
    token: str | None = field(default=None, repr=False)
    #: The passport as it was at an instant, as it was asked for; None: as it is.
    as_of: str | None = None


@dataclass(frozen=True)
class LegalName:
    """What one side calls an entry; ``language`` is None where it is the page's own."""

    html: Markup
    language: str | None = None


@dataclass(frozen=True)
class EntryRow:
    """One entry. ``eu`` and ``cn`` are None where that side has no name for it."""

    id: str
    label: str
    html: Markup
    kind: str
    eu: LegalName | None
    cn: LegalName | None
    dynamic: bool
    extra: Markup | None = None
    restricted: bool = False


@dataclass(frozen=True)
class Group:
    """Entries of one category, or their names; ``title`` is None where the section has only one."""

    title: str | None
    rows: tuple[EntryRow | str, ...]


@dataclass(frozen=True)
class Fold:
    """Entries that are there and folded away, with their number in the summary."""

    summary: Markup
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class PageSection:
    """One dimension of the vocabulary."""

    id: str
    title: str
    other_title: str
    other_language: str
    intro: Markup | None = None
    figures: tuple[Figure, ...] = ()
    groups: tuple[Group, ...] = ()
    folds: tuple[Fold, ...] = ()
    names: tuple[Group, ...] = ()
    note: Markup | None = None
    life: tuple[Happening, ...] = ()


@dataclass(frozen=True)
class Switch:
    label: str
    href: str
    current: bool
    language: str | None = None


@dataclass(frozen=True)
class Download:
    href: str | None
    name: Markup
    about: str
    note: Markup
    file: str | None = None
    post: bool = False


@dataclass(frozen=True)
class Band:
    """What has become of the passport, or that it is none of one battery: the first thing that a page says.

    :ivar kind: class of the band: ``withdrawn``, ``suspended``, ``superseded``, ``ended`` or ``model``.
    :ivar action: link, text and, for paper, address of what to open instead; :ivar note: what is said behind it.
    :ivar status_list: address of the signed list that says so.
    """

    kind: str
    mark: str
    headline: Markup
    sentences: tuple[Markup, ...]
    action: tuple[str, str, str] | None = None
    note: str | None = None
    status_list: str | None = None


@dataclass(frozen=True)
class Unissued:
    """The head of a page for a battery without a passport.

    :ivar line: what is below; :ivar code: the code as it was read, in groups of parts with captions.
    """

    title: Markup
    headline: Markup
    line: Markup
    code: tuple[tuple[tuple[str, str], ...], ...]
    steps: tuple[Markup, ...]


@dataclass(frozen=True)
class PassportPage:
    """The view model of the page; the template adds nothing to it."""

    title: Markup
    name: str
    subject: str
    is_model: bool
    batch: str | None
    maker: Markup
    facts: tuple[tuple[Markup, Markup], ...]
    code: tuple[tuple[tuple[str, str], ...], ...]
    serial: str | None
    qr: Markup
    trust: TrustStrip
    check_file: str
    saved_href: str
    regimes: tuple[Switch, ...]
    languages: tuple[Switch, ...]
    regime_note: Markup | None
    sections: tuple[PageSection, ...]
    columns: tuple[str, ...]
    downloads: tuple[Download, ...]
    digests: Markup | None
    role: Mapping[str, Markup] | None
    opened: tuple[Markup, ...]
    role_issuers: Markup
    token_url: str
    minutes: int
    contact: Markup | None
    served: Markup
    path: str
    present_href: str
    maker_name: str
    gtin: str | None
    applicable: tuple[str, ...]
    structured_data: Mapping[str, Any]
    bands: tuple[Band, ...] = ()
    unissued: Unissued | None = None
    token: str | None = field(default=None, repr=False)
    until: str = ""
    life_href: str | None = None
    toc: tuple[tuple[str, str], ...] = field(default=())
