"""The resolver as a WSGI application, for :mod:`passport.web.server` and for any other WSGI server.

``resolver.wsgi:app`` is the factory. ``resolver.wsgi:application`` is for servers that know no factories. It is made at
its first use, so that importing this module opens nothing.

Only this module reads the environment and the clock and, through the configuration, opens a store. A configuration
error stops the start and says what was expected and what to do.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from flask import Flask

from passport.errors import PassportError
from passport.store import Store
from passport.store.state.resolver_state import ResolverState
from resolver import quick_way
from resolver.app import create_app
from resolver.config import ResolverConfig
from resolver.limits import RateLimited
from resolver.preview import Preview
from resolver.services import services_of

#: Set by ``passport serve --preview``: pages lead to where they are served, and say that they are a preview.
PREVIEW = "PASSPORT_PREVIEW"


def app() -> Flask:
    """The application for the project that ``PASSPORT_PROJECT`` names.

    :raises SystemExit: with status 2, the configuration, the store or the state cannot be used; with 3, the store or
        the state is locked, full or away.
    """
    with _refusing():
        application = create_app(ResolverConfig.from_environ(os.environ), now=_now)
    application.extensions["role-lists"].start()
    application = fronted(application, now=time.monotonic)
    if os.environ.get(PREVIEW):
        # Before everything else: what is kept for the next reader is the page as it will be published.
        base_url = services_of(application).config.base_url
        application.wsgi_app = Preview(application.wsgi_app, base_url)  # type: ignore[method-assign]
    return application


def check() -> None:
    """Open what the application opens, and close it again: for a server that would start a failed worker for ever.

    :raises SystemExit: as :func:`app`.
    """
    with _refusing():
        config = ResolverConfig.from_environ(os.environ)
        Store.open(config.store_url or "").close()
        ResolverState(config.state_path).close()


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except PassportError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        raise SystemExit(error.exit_code) from error


def fronted(application: Flask, *, now: Callable[[], float]) -> Flask:
    """The same application with the quick way and the rate limit before it.

    :param now: seconds of a clock that never goes back.
    """
    services = services_of(application)
    # Outermost, since its headers speak of one client and must never get into an answer that is kept for others.
    limits = RateLimited(
        quick_way.front(application), services.config.rate_limit, now=now, proxies=services.config.proxies
    )
    application.extensions["limits"] = limits
    application.wsgi_app = limits  # type: ignore[method-assign]  # the way that Flask names for middleware
    return application


def _now() -> datetime:
    return datetime.now(UTC)


def __getattr__(name: str) -> Flask:
    if name != "application":
        raise AttributeError(name)
    application = globals()[name] = app()
    return application
