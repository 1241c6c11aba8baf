"""The files of each public resource, as the resolver answers to the public.

    passports/01/GTIN/21/SERIAL/index.en.html        the page, a file for each language
                               /index.vp             the presentation: credentials only
                               /index.linkset        where the address leads
    passports/…/gone.en.html                         a recycled pack: to be answered with 410
    status/NUMBER                                    a signed status list
    .well-known/did.json, static/passport.css, …

* Pages and linksets are the resolver's own answers, byte for byte.
* A presentation encloses credentials and nothing else. Status lists are files of their own and change each day; a
  verifier fetches the present one. So a passport's file changes only if the passport does.
* A resource is made again if what it is made from has changed (:meth:`SiteResources.source`). A page tells the status
  of the moment at which it was made, with its date.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from passport import __version__
from passport.battery.identifiers.address import parse_iri
from passport.errors import UnusableProject
from passport.linked_data import strict_json
from passport.presenting.presenter import batch_of, presentation_of
from passport.presenting.successors import successors
from passport.store import Store, StoredCredential
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from resolver.addresses import PREFIX
from resolver.app import create_app
from resolver.config import ResolverConfig
from resolver.services import services_of

LINKSET = "application/linkset+json"
#: Names of files; none of them is the beginning of another.
VP_FILE, LINKSET_FILE = "index.vp", "index.linkset"
_STYLE_SHEETS = re.compile(rb'href="([^"?]*/static/[^"?]+\.css)').findall
STATUS_FOLDER = "status"
_AT_ONCE = 500
#: Segments of a path that are a file's name as they are: no separator, no control character, not above the folder.
_SAFE = re.compile(r"[^/\\\x00-\x1f\x7f]{1,200}\Z").match


class SiteResources:
    """What there is to publish, and the files of each resource.

    :param config: with a state of its own: this is no resolver that keeps tokens.
    :param trust_list: the file of the trust list, whose names and keys pages show.
    :param now: the instant of publication.
    """

    def __init__(self, config: ResolverConfig, store: Store, trust_list: Path, now: datetime) -> None:
        self._store, self._config = store, config
        self._app: Flask = create_app(config, store=store, now=lambda: now)
        self._client = self._app.test_client(use_cookies=False)
        self._presenter = services_of(self._app).presenter
        self._origin = f"{urlsplit(config.base_url).scheme}://{urlsplit(config.base_url).netloc}"
        #: Addresses of the style sheets that the pages made so far have named.
        self.style_sheets: set[str] = set()
        # A new version of this software may show the same passport in another way.
        shown = json.dumps(
            [__version__, config.base_url, config.languages, config.regimes, config.access_policy, config.ask_url]
        )
        parts = (shown.encode(), trust_list.read_bytes(), _templates().encode())
        self._renderer = hashlib.sha256(b"\0".join(parts)).hexdigest()

    def subjects(self) -> Iterator[str]:
        """Addresses of all models, batches and packs."""
        yield from sorted(set(self._store.subjects_since(MODEL, 0)))
        yield from sorted(set(self._store.subjects_since(BATCH, 0)))
        after = ""
        while packs := self._store.find_packs(after=after, limit=_AT_ONCE):
            yield from (pack.subject for pack in packs)
            after = packs[-1].subject

    def lists(self) -> tuple[int, ...]:
        """Numbers of the status lists that are signed."""
        return tuple(number for number in self._store.list_numbers() if self._store.signed_number(number))

    def source(self, subject: str) -> str:
        """Digest of everything that the files of a passport are made from."""
        store = self._store
        pack = store.pack(subject)
        model = pack.model if pack else parse_iri(subject, self._config.base_url).of_model.iri(self._config.base_url)
        batch = batch_of(store, subject) if pack else subject
        current = [
            stored
            for about, type_ in ((model, MODEL), (batch, BATCH), (subject, PASSPORT))
            if about is not None and (stored := store.current(about, type_)) is not None
        ]
        head = store.event_head(subject) if pack else None
        parts: list[Any] = [
            self._renderer, subject,
            [(stored.id, hashlib.sha256(stored.body).hexdigest(), self._statuses(stored)) for stored in current],
            None if head is None else (head.position, head.digest),
            successors(store, subject) if pack else (),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()

    def _statuses(self, stored: StoredCredential) -> list[Any]:
        statuses = []
        for entry in self._store.status_entries(stored.id):
            status = self._store.public_status(entry.list, entry.position)
            statuses.append((entry.list, entry.position, None if status is None else repr(status)))
        return statuses

    def passport(self, subject: str) -> dict[str, bytes]:
        """The files of a passport, by their path in the tree; none where its address is no name of a file."""
        path = PREFIX + parse_iri(subject, self._config.base_url).path
        folder = file_of(path)
        if folder is None:
            return {}
        files: dict[str, bytes] = {}
        for language in self._config.languages:
            answer = self._get(f"{path}?lang={language}", "text/html")
            if answer.status_code == 410:
                files[f"{folder}/gone.{language}.html"] = answer.data
                continue
            files[f"{folder}/index.{language}.html"] = self._checked(answer, subject)
            self.style_sheets.update(name.decode() for name in _STYLE_SHEETS(answer.data))
        if not any(name.rsplit("/", 1)[-1].startswith("index.") for name in files):
            return files
        files[f"{folder}/{VP_FILE}"] = self.presentation(subject)
        files[f"{folder}/{LINKSET_FILE}"] = self._checked(self._get(path.removeprefix(PREFIX), LINKSET), subject)
        return files

    def presentation(self, subject: str) -> bytes:
        """The public credentials of a passport, as they were signed, and nothing else."""
        view = self._presenter.present(subject, Audience.PUBLIC)
        bodies = view.bodies[: len(view.credentials)] or tuple(map(strict_json.dumps, view.credentials))
        return presentation_of(bodies)

    def status_list(self, number: int) -> dict[str, bytes]:
        """The file of a signed status list."""
        path = f"/{STATUS_FOLDER}/{number}"
        return {path[1:]: self._checked(self._get(path, "application/vc"), path)}

    def site(self, style_sheets: Collection[str]) -> dict[str, bytes]:
        """Files of the site itself: the DID document, the style sheets that pages named, the context of linksets."""
        files = {}
        for path in ("/.well-known/did.json", "/contexts/linkset", *sorted(style_sheets)):
            answer = self._get(path.removeprefix(self._config.root), "*/*")
            name = file_of(path.removeprefix(self._config.root))
            if answer.status_code == 200 and name is not None:
                files[name] = answer.data
        return files

    def _get(self, path: str, accept: str) -> TestResponse:
        return self._client.get(path, base_url=self._origin, headers={"Accept": accept})

    def _checked(self, answer: TestResponse, name: str) -> bytes:
        if answer.status_code != 200:
            raise UnusableProject(
                Message("{name} could not be made", name=name), found=f"{answer.status_code} {answer.data[:200]!r}"
            )
        data: bytes = answer.data
        return data


def file_of(path: str) -> str | None:
    """The name of a file for a path of an address, percent-encoding undone as web servers do it.

    None where that is no name of a file: the address stays with a resolver.
    """
    segments = [unquote(segment) for segment in path.removeprefix("/").split("/")]
    if not all(_SAFE(segment) and segment not in (".", "..") for segment in segments):
        return None
    # File systems hold names of 255 bytes.
    return None if any(len(segment.encode()) > 200 for segment in segments) else "/".join(segments)


def _templates() -> str:
    """Digest of the templates and styles of pages."""
    digest = hashlib.sha256()
    root = Path(__file__).parent.parent
    for path in sorted((*root.glob("templates/**/*.html"), *root.glob("static/*.css"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def described(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
