"""The cache in front of Flask: public views of passports, from cached answers and stored bytes.

Its answers equal Flask's, header for header and byte for byte. Every request that is not plain
(:mod:`resolver.serving.cacheable_request`) is passed on to Flask.

1. Form and language are chosen by the same functions as in the views; no other header of the client decides anything.
2. An answer is kept by path, query, form and language, for one version of the store and one minute. The store is asked
   for its version on each request, so a revocation is seen by the next reader, in every worker process.
3. An answer that is not kept is made: a presentation from stored bytes (:mod:`resolver.serving.public_view`), with the
   headers of Flask's first presentation of that form; every other answer by Flask itself, from a request of our own
   making. So only path, query, form and language of a client's request can influence a shared answer.
4. The first presentation of each form is compared with Flask's, as GET, HEAD and 304, and every 10,000th after it.
   Where they differ, or where Flask's headers are not understood, presentations of that form are Flask's from then on.

The cache is a WSGI application for any WSGI server. :mod:`resolver.serving.site` also calls :meth:`Front.ready` from
its event loop, which never waits for Flask.

    app.wsgi_app = Front(app.wsgi_app, app.extensions["resolver"])
"""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from cachetools import LRUCache

from passport.errors import StoreFailure
from passport.presenting.presenter import ENTRY_BYTES
from resolver.addresses import PREFIX
from resolver.forms.negotiation import HTML, Form
from resolver.limits import Application
from resolver.services import Services
from resolver.serving.cacheable_request import (
    CacheableRequest,
    SubjectLocation,
    Variant,
    Variants,
    from_environ,
    place_at,
)
from resolver.serving.public_view import Composed, PublicView
from resolver.serving.stored_answers import NOT_MODIFIED, OK, Headers, Moment, Pattern, StoredAnswer, keepable, literal
from resolver.views import etag_of

MAX_BYTES = 64_000_000
#: One presentation in so many is compared with Flask's.
COMPARED = 10_000

# Fields of a presentation's headers: its path, its subject's, its ETag, its length.
_HERE, _SUBJECT, _ETAG, _LENGTH = "{0}", "{1}", "{2}", "{3}"
#: How many presentations asked for once are remembered, by their keys.
_REMEMBERED = 10_000
_LOCKS = 16

logger = logging.getLogger("resolver")

#: Path and way to ask.
Key = tuple[str, str]


class Front:
    """A WSGI application before another one.

    :param app: the whole resolver, which can answer everything.
    :param max_bytes: of the answers that are kept.
    """

    def __init__(self, app: Application, services: Services, *, max_bytes: int = MAX_BYTES) -> None:
        self._app = app
        self._now = services.now
        self._trust = services.trust
        self._base_url = services.config.base_url
        self.variants = Variants(services.config.languages, frozenset(regime.code for regime in services.regimes))
        self.view = PublicView(services.store, services.vocabulary, policy=services.config.access_policy)
        self._direct = services.store.direct
        self._kept: LRUCache[Key, StoredAnswer] = LRUCache(max_bytes, lambda answer: len(answer.body) + ENTRY_BYTES)
        self._lock = Lock()
        self.patterns: dict[tuple[str, str], Pattern | None] = {}
        self._asked_for: set[tuple[str, str]] = set()
        self._composed, self._due = 0, False
        self._locks = tuple(Lock() for _ in range(_LOCKS))

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if path.startswith("/passports/") and (method == "GET" or method == "HEAD"):
            request = from_environ(environ)
            answer = None if request is None else self._answer_to(path, environ.get("QUERY_STRING", ""), request)
            if request is not None and answer is not None:
                modified = not answer.is_in(request.condition)
                start_response(OK if modified else NOT_MODIFIED, answer.headers(modified=modified))
                return [answer.body] if modified and method == "GET" else []
        return self._app(environ, start_response)

    def moment(self) -> Moment:
        """The version of the store, the minute and the version of the trust list: what is answered now is good for no
        other."""
        return self.view.version(), int(self._now().timestamp()) // 60, self._trust.version

    @property
    def kept(self) -> int:
        """How many answers are kept now."""
        return len(self._kept)

    def forget(self) -> None:
        """Forget all answers that are kept."""
        with self._lock:
            self._kept.clear()

    def passed(self) -> None:
        """The moment of this thread is over: the next one sees what was written meanwhile."""
        self.view.release()

    def never_wait(self) -> None:
        """Let this thread fail at once where the store is locked; the application waits in threads of its own."""
        if self._direct is not None:
            self._direct.never_wait()

    def ready(self, path: str, variant: Variant, moment: Moment) -> StoredAnswer | None:
        """The answer to a plain request where no part of it has to be asked of Flask; else None.

        :param moment: of :meth:`moment`, asked after the request came in. The caller says :meth:`passed` before
            anything that arrives later is read.
        """
        answer = self._kept_for((path, variant.key), moment)
        if answer is not None:
            return answer
        place = place_at(path, self._base_url)
        if place is None:
            return None
        pattern = self.patterns.get((variant.form.name, place.grain))
        if pattern is None or variant.form is HTML or self._is_due():
            return None
        self.view.hold()
        presentation = self.view.presentation(*place)
        if presentation is None or self.view.version() != moment[0]:
            return None
        answer = self._filled(path, variant.form, moment, pattern, presentation)
        self._keep(path, variant, answer)
        return answer

    # --- the answer -------------------------------------------------------------------------------------------------

    def _answer_to(self, path: str, query: str, request: CacheableRequest) -> StoredAnswer | None:
        variant = self.variants.of(query, request.accept, request.language)
        if variant is None:
            return None
        try:
            return self._answer(path, variant, self.moment())
        except StoreFailure as error:
            # One line for each request: a store that stays damaged must not fill the disk with stacks.
            logger.error("the front cannot read the store (%s); the application is asked", error)
            return None
        except Exception:
            # Whatever is wrong, with the store above all: the application has words for it.
            logger.exception("the front has no answer; the application is asked")
            return None

    def _answer(self, path: str, variant: Variant, good_for: Moment) -> StoredAnswer | None:
        """The answer to a plain request, or None where Flask has to give it."""
        key = (path, variant.key)
        answer = self._kept_for(key, good_for)
        if answer is not None:
            return answer
        place = place_at(path, self._base_url)
        if place is None:
            return None
        if variant.form is HTML:
            answer = self._rendered(path, variant, good_for, key, place.subject)
        else:
            answer = self._presented(path, variant, good_for, place)
        if answer is not None:
            self._keep(path, variant, answer)
        return answer

    def _kept_for(self, key: Key, moment: Moment) -> StoredAnswer | None:
        with self._lock:
            answer = self._kept.get(key)
        return answer if answer is not None and answer.good_for == moment else None

    def _keep(self, path: str, variant: Variant, answer: StoredAnswer) -> None:
        """Keep what costs something to make, and what is asked for again: a crawler asks for everything once."""
        key = (path, variant.key)
        if variant.form is not HTML and key not in self._asked_for:
            if len(self._asked_for) >= _REMEMBERED:
                self._asked_for.clear()
            self._asked_for.add(key)
            return
        with self._lock, suppress(ValueError):  # one that is too large for the whole cache is not kept
            self._kept[key] = answer

    def _rendered(self, path: str, variant: Variant, good_for: Moment, key: Key, subject: str) -> StoredAnswer | None:
        if not self.view.knows(subject):
            return None
        # A page that many wait for is made once; the others find it kept.
        with self._locks[hash(key) % _LOCKS]:
            return self._kept_for(key, good_for) or self._ask(path, variant, good_for)

    def _presented(self, path: str, variant: Variant, good_for: Moment, place: SubjectLocation) -> StoredAnswer | None:
        # A pack's headers may say more than a model's: each grain has its own pattern.
        kind = (variant.form.name, place.grain)
        pattern = self.patterns.get(kind)
        trusted = pattern is not None or kind not in self.patterns
        presentation = self.view.presentation(*place) if trusted else None
        if presentation is None:
            return self._ask(path, variant, good_for) if self.view.knows(place.subject) else None
        if pattern is None or self._due or self._is_due():
            self._due = False
            return self._compared(path, variant, good_for, presentation, kind)
        return self._filled(path, variant.form, good_for, pattern, presentation)

    def _is_due(self) -> bool:
        """Count one more presentation, and give whether a comparison is due: said once, so that one reader waits."""
        self._composed += 1
        if self._composed % COMPARED:
            return False
        self._due = True
        return True

    def _filled(self, path: str, form: Form, good_for: Moment, pattern: Pattern, composed: Composed) -> StoredAnswer:
        """An answer with the headers that Flask gave to another passport in the same form."""
        etag = f'"{etag_of(composed.digest, form.media_type)}"'
        return StoredAnswer(
            good_for, pattern, (path, path[len(PREFIX) :], etag, str(len(composed.body))), etag, composed.body
        )

    def _pattern(self, path: str, headers: Headers) -> Pattern:
        """The headers of an answer with places for what differs from passport to passport."""
        base = literal(self._base_url)
        here, subject = base + path, base + path[len(PREFIX) :]
        fields = {"ETag": _ETAG, "Content-Length": _LENGTH}
        return Pattern.of(
            (name, fields.get(name, literal(value).replace(here, base + _HERE).replace(subject, base + _SUBJECT)))
            for name, value in headers
        )

    # --- Flask ------------------------------------------------------------------------------------------------------

    def _ask(self, path: str, variant: Variant, good_for: Moment) -> StoredAnswer | None:
        """Flask's answer to a request of our own making; None where it is not one for everybody."""
        status, headers, body = self._call("GET", path, variant)
        return StoredAnswer.of(good_for, headers, body) if keepable(status, headers) else None

    def _compared(
        self, path: str, variant: Variant, good_for: Moment, composed: Composed, kind: tuple[str, str]
    ) -> StoredAnswer | None:
        """Flask's answer, and from now on ours where it would have been the same."""
        status, headers, body = self._call("GET", path, variant)
        if status[:1] == "5" or self.view.version() != good_for[0]:
            # Nothing is proved by a fault, or by answers from two moments: the next one is compared.
            return None
        answer = StoredAnswer.of(good_for, headers, body) if keepable(status, headers) else None
        same = False
        if answer is not None:
            pattern = self._pattern(path, headers)
            condition = {"HTTP_IF_NONE_MATCH": answer.etag}
            others = (self._call("HEAD", path, variant), self._call("GET", path, variant, condition))
            ours = self._filled(path, variant.form, good_for, pattern, composed)
            full, short = _undated(ours.headers(modified=True)), _undated(ours.headers(modified=False))
            same = (ours.etag, full, ours.body) == (answer.etag, _undated(headers), body) and [
                (status, _undated(headers), rest) for status, headers, rest in others
            ] == [(OK, full, b""), (NOT_MODIFIED, short, b"")]
        if not same:
            logger.error("%s of stored bytes is not what the application says; not used", variant.form.name)
        self.patterns[kind] = pattern if same else None
        return answer

    def _call(
        self, method: str, path: str, variant: Variant, more: dict[str, str] | None = None
    ) -> tuple[str, Headers, bytes]:
        """Ask Flask something of our own: the path, the query, one media type and one language."""
        base = urlsplit(self._base_url)
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": variant.query,
            "SERVER_NAME": base.hostname, "SERVER_PORT": str(base.port or (443 if base.scheme == "https" else 80)),
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": base.netloc, "HTTP_ACCEPT": variant.form.media_type,
            "wsgi.version": (1, 0), "wsgi.url_scheme": base.scheme, "wsgi.input": io.BytesIO(),
            "wsgi.errors": sys.stderr, "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
            **({"HTTP_ACCEPT_LANGUAGE": variant.language} if variant.language else {}), **(more or {}),
        }  # fmt: skip
        caught: list[tuple[str, Headers]] = []

        def start_response(status: str, headers: Headers, exc_info: object = None) -> Callable[..., Any]:
            caught[:] = [(status, list(headers))]
            return lambda _: None

        chunks = self._app(environ, start_response)
        try:
            body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        return (*caught[0], body)


def _undated(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name != "Date"]
