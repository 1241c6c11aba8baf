"""What the page template lays out: values only, decided in :mod:`resolver.page.page`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from markupsafe import Markup

from resolver.access.authorised_reader import AuthorisedReader
from resolver.page.heads.trust_strip import TrustStrip
from resolver.page.life.lifecycle import Happening
from resolver.page.pictures.charts import Figure


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
    #: Whether the legal names are shown from the start (``?names=law``).
    all_names: bool = False


@dataclass(frozen=True)
class LegalName:
    """What one side calls an entry; ``language`` is None where it is the page's own."""

    html: Markup
    language: str | None = None


@dataclass(frozen=True)
class EntryRow:
    """One entry: a name that opens its meaning, and a value.

    :ivar label: short name; :ivar html: the value or the state.
    :ivar stacked: the value has a line of its own below the name.
    :ivar definition: one sentence of meaning; :ivar term_href: page of the term.
    :ivar notes: what is said when the name is opened: the time of reading, the signed form, what is not yet due.
    :ivar eu: name under EU rules; :ivar cn: Chinese name; None where that side has none.
    :ivar extra: a table below the entry, over its whole width.
    :ivar parts: entries that this row shows together; empty where it is one entry.
    :ivar attested: who attested the value, until when, and whether that still fits.
    """

    id: str
    label: str
    html: Markup
    stacked: bool
    definition: str
    term_href: str
    eu: LegalName | None
    cn: LegalName | None
    notes: tuple[Markup, ...] = ()
    extra: Markup | None = None
    parts: tuple[EntryRow, ...] = ()
    attested: tuple[Markup, ...] = ()

    @property
    def is_document(self) -> bool:
        """Whether the value is a link, which stays beside the name where there is room."""
        return self.html.startswith("<a ")


@dataclass(frozen=True)
class NamesFold:
    """Entries without a value today, in one line: their number and who or when; behind it their names.

    :ivar kind: ``restricted`` or ``waiting``.
    :ivar names: id, name, meaning of each; grouped by who may read them, or what they wait for.
    """

    kind: str
    summary: Markup
    about: Markup
    groups: tuple[tuple[Markup, tuple[EntryRow, ...]], ...]


@dataclass(frozen=True)
class PageFigure:
    """A picture, and the entries whose values are in its table.

    :ivar attested: who attested the values that are drawn, of each with its name.
    """

    figure: Figure
    rows: tuple[EntryRow, ...] = ()
    attested: tuple[Markup, ...] = ()


@dataclass(frozen=True)
class PageSection:
    """One dimension of the vocabulary.

    :ivar public: entries that everybody may read, folded away for a reader with a role.
    :ivar reading: when the values of the section were read.
    """

    id: str
    title: str
    other_title: str
    other_language: str
    figures: tuple[PageFigure, ...] = ()
    rows: tuple[EntryRow, ...] = ()
    public: tuple[EntryRow, ...] = ()
    folds: tuple[NamesFold, ...] = ()
    note: Markup | None = None
    reading: Markup | None = None


@dataclass(frozen=True)
class ClosedSection:
    """A dimension of which this reader may read nothing."""

    id: str
    title: str
    intro: Markup
    names: tuple[EntryRow, ...]


@dataclass(frozen=True)
class ReaderBlock:
    """What one kind of reader may need.

    :ivar id: ``fire``, ``owner``, ``buyer``, ``repair`` or ``inspect``.
    :ivar line: the facts themselves; :ivar rows: name and value of further ones.
    """

    id: str
    title: Markup
    line: Markup
    rows: tuple[tuple[Markup, Markup], ...]


@dataclass(frozen=True)
class LifeStop:
    """One stop of the life so far. ``kind`` is empty, ``shut`` or ``next``."""

    title: Markup
    lines: tuple[Markup, ...]
    kind: str = ""


@dataclass(frozen=True)
class VersionEntry:
    """One version of a signed document.

    :ivar href: this passport as it was then; None for what is shown.
    :ivar changes: name, old and new value of each entry that changed.
    """

    number: int
    title: Markup
    current: bool
    lines: tuple[Markup, ...]
    changes: tuple[tuple[str, Markup, Markup], ...] = ()
    href: str | None = None


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
    #: True for one of the signed documents that the saved passport holds.
    detail: bool = False


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
    :ivar typed: the same in one text, for the search.
    """

    title: Markup
    headline: Markup
    line: Markup
    code: tuple[tuple[tuple[str, str], ...], ...]
    steps: tuple[Markup, ...]
    typed: str = ""


@dataclass(frozen=True)
class AskForm:
    """The form by which a reader asks the operator's workspace for a role.

    :ivar action: address in the workspace; :ivar host: of it, as people read it; :ivar purposes: codes and their names.
    """

    action: str
    host: str
    purposes: tuple[tuple[str, str], ...]


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
    closed: tuple[ClosedSection, ...]
    needs: tuple[ReaderBlock, ...]
    life: tuple[LifeStop, ...]
    happenings: tuple[Happening, ...]
    versions: tuple[VersionEntry, ...]
    read_outs: tuple[tuple[Markup, str, Markup, str], ...]
    names_href: str
    all_names: bool
    downloads: tuple[Download, ...]
    copies: tuple[Download, ...]
    trust_list_href: str
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
    ask: AskForm | None = None
    lives: tuple[tuple[Markup, str], ...] = ()
    toc: tuple[tuple[str, str], ...] = field(default=())
