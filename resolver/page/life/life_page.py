"""The page of a pack's life: its events as one reader may know them, each verified with the trust list of this site.

The events themselves are those of :mod:`passport.presenting.pack_events`; what is told of each is decided in
:mod:`resolver.page.life.life_line`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup

from passport.credentials.verification_result import CredentialResult
from passport.lifecycle import History, LifecycleEvent, catalogue
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.pack_events import identity_lists, readable_kinds
from passport.presenting.successors import predecessors, successors
from passport.store import StoredEvent
from passport.texts import Text, fallback
from passport.texts.localised import language_name
from passport.vocabulary.credential_types import ACTOR
from passport.vocabulary.vocabulary import Audience
from resolver.forms.linksets import web_address
from resolver.page import role_panel
from resolver.page.context import PageContext
from resolver.page.heads import header
from resolver.page.heads.bands import bands
from resolver.page.life.event_verification import remark_on, verified_events
from resolver.page.life.life_line import LifeLine, SeenEvent, life_line
from resolver.page.view_model import Band, PageRequest, Switch
from resolver.readable_events import documents_of, event_of, reads_details
from resolver.services import Services


@dataclass(frozen=True)
class LifePage:
    """The view model of the page.

    :ivar bands: what has become of the passport, such as that it ended.
    :ivar downloads: address, name and explanation of each.
    :ivar lives: what the passport of another life is to this one, and its address.
    """

    title: Markup
    name: str
    maker: Markup
    serial: str | None
    bands: tuple[Band, ...]
    code: header.Code
    passport_href: str
    life: LifeLine
    lives: tuple[tuple[Markup, str], ...]
    languages: tuple[Switch, ...]
    role: Mapping[str, Markup] | None
    served: Markup
    toc: tuple[tuple[str, Markup], ...]
    downloads: tuple[tuple[str, Markup, Markup], ...]
    token: str | None = field(default=None, repr=False)


def build_life_page(subject: str, page_request: PageRequest, here: Services) -> LifePage:
    """The page of the life of a pack in the language asked for.

    :raises UnknownPassport: no passport was issued for the pack.
    """
    right = page_request.reader.right if page_request.reader else Audience.PUBLIC
    context = PageContext(here.presenter.present(subject, right), page_request, here)
    audience = page_request.reader.audience if page_request.reader else Audience.PUBLIC
    words = context.words
    chain = _Chain(here, subject, audience, page_request.at)
    life = life_line(
        chain.seen(words.language), chain.history(), words, here.vocabulary, catalogue(), chain.names(words.language),
        counted=audience is not Audience.PUBLIC,
    )  # fmt: skip
    name, serial = header.name(context), header.serial(context)
    query = {"lang": words.language}
    parts = (
        ("events", "life-events", True), ("hands", "life-owners", bool(life.hands)),
        ("health", "life-health", life.health is not None), ("parts", "life-parts", bool(life.parts)),
        ("mass", "life-masses", bool(life.masses)),
        ("downloads", "downloads", True),
    )  # fmt: skip
    return LifePage(
        title=words("life-title", name=name, serial=f"…{serial[-4:]}" if serial and len(serial) > 6 else serial or ""),
        name=name,
        maker=header.maker(context),
        serial=serial,
        bands=bands(context, name),
        code=header.code(context),
        passport_href=f"{context.path}?{urlencode(query)}",
        life=life,
        lives=tuple(
            (words(key), address)
            for key, named in (("life-before", predecessors), ("life-after", successors))
            for text in named(here.store, subject)
            if (address := web_address(text)) is not None
        ),
        languages=tuple(
            Switch(language_name(code), f"{context.path}/events?lang={code}", code == words.language, code)
            for code in here.config.languages
        ),
        role=role_panel.banner(context),
        served=role_panel.served(context),
        toc=tuple((id_, words(key)) for id_, key, there in parts if there),
        downloads=tuple(
            (f"{context.path}/events?format={form}", words(key), words(f"{key}-about"))
            for form, key in (
                ("vp", "life-download"),
                ("epcis", "life-download-epcis"),
                ("turtle", "life-download-prov"),
            )
        ),  # fmt: skip
        token=page_request.token,
    )


class _Chain:
    """The events of a pack, with what verifies them."""

    def __init__(self, here: Services, subject: str, audience: Audience, at: datetime) -> None:
        self._here = here
        self._rows = here.store.event_chain(subject)
        self._subject = subject
        kinds = readable_kinds(audience)
        self._readable = [row for row in self._rows if row.audience_kind in kinds]
        self._audience = audience
        wanted = {
            digest for row in self._readable for digest in (row.accreditation, row.status_list) if digest is not None
        }
        supports = here.store.event_documents(wanted) if wanted else {}
        self._documents = documents_of(here.store, self._readable, audience) | {
            digest: strict_json.loads(document.body) for digest, document in supports.items()
        }
        self._documents |= identity_lists(here.store, self._readable, self._documents)
        self._results = self._verified(at)

    def _verified(self, at: datetime) -> dict[str, CredentialResult]:
        """What the verifier says of each event, by its id."""
        return verified_events(self._documents.values(), self._here.config.trust_list, self._subject, at)

    def seen(self, language: str) -> list[SeenEvent]:
        """The chain as it is told."""
        readable, names = {row.position for row in self._readable}, self.names(language)
        return [
            self._seen(row, names) if row.position in readable else SeenEvent(row.position, None) for row in self._rows
        ]

    def _seen(self, row: StoredEvent, names: Mapping[str, str]) -> SeenEvent:
        verified, remark = self._verdict(row)
        return SeenEvent(
            row.position, self._event(row), names.get(row.actor, row.actor), row.roles, row.accepted_at, row.late,
            verified, remark,
        )  # fmt: skip

    def _verdict(self, row: StoredEvent) -> tuple[bool | None, Text | None]:
        result = self._results.get(row.id)
        if result is None:
            return None, None
        if result.verified is True:
            return True, None
        return result.verified, remark_on(result)

    def _event(self, row: StoredEvent) -> LifecycleEvent:
        return event_of(row, self._documents, self._audience)

    def history(self) -> History | None:
        """The whole history, for those who read all of it."""
        if not reads_details(self._audience) or len(self._readable) < len(self._rows):
            return None
        return History.of(self._subject, [(self._event(row), row.digest) for row in self._rows])

    def names(self, language: str) -> dict[str, str]:
        """Legal names of actors by DID, out of the accreditations that this reader may see."""
        return {
            subject["id"]: _name(subject.get("legalName"), language)
            for document in self._documents.values()
            if ACTOR in document["type"]
            for subject in _subjects(document)
        }


def _subjects(document: JsonObject) -> Sequence[JsonObject]:
    subject = document["credentialSubject"]
    return subject if isinstance(subject, list) else [subject]


def _name(value: object, language: str) -> str:
    if isinstance(value, Mapping):
        return fallback({str(tag): str(text) for tag, text in value.items()}, language)
    return str(value or "")
