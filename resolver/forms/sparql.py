"""SPARQL 1.1 queries over the public data: the index, and what a query may ask for.

The index is rebuilt from the dump (:mod:`resolver.forms.public_dumps`) when the store has changed: each credential is a
named graph, and the default graph is all of them. A query is run by a process of its own
(:mod:`resolver.forms.sparql_worker`), a few at once.

* Updates are no queries, and ``SERVICE`` is refused: no other site is asked in a reader's name.
* An answer takes :data:`SECONDS` and five megabytes at most.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Semaphore

from passport.errors import MalformedDocument, Undetermined
from passport.store import Store
from passport.texts import Message
from resolver.forms import public_dumps

SECONDS = 8
MOST_QUERY = 10_000
#: Octets of the dump up to which an index is made here; a larger site gives its dump to an engine of its own.
MOST_DUMP = 300_000_000
AT_ONCE = 2
_QUOTED = re.compile(
    r'"""(?:[^\\]|\\.)*?"""|'
    r"'''(?:[^\\]|\\.)*?'''|"
    r'"(?:[^"\\\n]|\\.)*"|'
    r"'(?:[^'\\\n]|\\.)*'|<[^<>\s]*>|#[^\n]*",
    re.DOTALL,
)
_SERVICE = re.compile(r"(?<![\w?$:])SERVICE(?![\w:])", re.IGNORECASE)


class QueryRefused(MalformedDocument):
    """A query that is none, or that asks for what is not given here."""

    code = "query-refused"
    hint = "SPARQL 1.1 Query only: SELECT, ASK, CONSTRUCT or DESCRIBE, without SERVICE."


class QueryTooMuch(Undetermined):
    """A query that takes too long or whose answer is too large."""

    code = "query-too-much"
    hint = "Add a LIMIT or narrow the patterns; or download /dumps and ask an engine of your own."


@dataclass(frozen=True)
class SparqlAnswer:
    """:ivar media_type: of the body."""

    media_type: str
    body: bytes


class SparqlIndex:
    """The index of one site.

    :param folder: where it is kept; it can be deleted at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._turns = Semaphore(AT_ONCE)

    def query(self, store: Store, text: str, *, results: str, triples: str) -> SparqlAnswer:
        """The answer to a query.

        :param results: media type for rows and truth values; :param triples: for statements.
        :raises QueryRefused: it is no query, or asks another site.
        :raises QueryTooMuch: it takes too long, or there is no turn, or the answer or the data are too large.
        """
        check(text)
        place = self._current(store)
        if not self._turns.acquire(timeout=SECONDS):
            raise QueryTooMuch(Message("others are asking at the moment"))
        try:
            return _run(place, text, results, triples)
        finally:
            self._turns.release()

    def _current(self, store: Store) -> Path:
        place = self._folder / public_dumps.tag("passports.nq", store)
        with self._lock:
            if not (place / "CURRENT").exists():
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder.mkdir(parents=True)
                _build(place, public_dumps.as_nquads(store))
        return place


def check(text: str) -> None:
    """:raises QueryRefused: the text is too long or asks another site."""
    if not text.strip() or len(text) > MOST_QUERY or "\0" in text:
        raise QueryRefused(Message("query"), expected=Message("1 to {most} characters", most=MOST_QUERY))
    if _SERVICE.search(_QUOTED.sub(" ", text)):
        raise QueryRefused(Message("SERVICE asks another site, and this one sends no requests"))


def _build(place: Path, chunks: Iterator[bytes]) -> None:
    import pyoxigraph

    dump, size = place.with_suffix(".nq"), 0
    with dump.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MOST_DUMP:
                dump.unlink()
                raise QueryTooMuch(Message("this site has more data than it indexes"))
            file.write(chunk)
    made = place.with_suffix(".new")
    index = pyoxigraph.Store(str(made))
    index.bulk_load(path=str(dump), format=pyoxigraph.RdfFormat.N_QUADS)
    index.flush()
    del index
    dump.unlink()
    made.rename(place)


def _run(place: Path, text: str, results: str, triples: str) -> SparqlAnswer:
    # Nothing of this process: no token, no password, no proxy.
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "resolver.forms.sparql_worker", str(place), results, triples]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, without a shell; the query is only its input
            command, input=text.encode(), capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        raise QueryTooMuch(Message("the query takes longer than {count} seconds", count=SECONDS)) from None
    if done.returncode == 2:
        raise QueryRefused(Message("not a query"), found=done.stderr.decode("utf-8", "replace")[:400])
    if done.returncode != 0:
        raise QueryTooMuch(Message("the query takes too much time or memory, or its answer is too large"))
    media_type, _, body = done.stdout.partition(b"\n")
    return SparqlAnswer(media_type.decode("ascii"), body)
