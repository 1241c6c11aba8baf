"""The only link from the resolver to the optional fast answers of :mod:`resolver.serving`.

Without that folder every request is answered by Flask, under the same server.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from flask import Flask

from resolver.limits import Application

if TYPE_CHECKING:
    from passport.web import server


def is_installed() -> bool:
    """Whether the folder is there; one that holds compiled files alone is not."""
    spec = find_spec("resolver.serving")
    return spec is not None and spec.origin is not None


def front(application: Flask) -> Application:
    """The WSGI application, with kept answers before it where there is a quick way."""
    if not is_installed():
        return application.wsgi_app
    from resolver import serving

    return serving.front(application)


def site(application: Flask) -> server.Application:
    """The ASGI application for :mod:`passport.web.server`, which answers at once what is ready.

    :param application: of :func:`resolver.wsgi.app`.
    """
    if is_installed():
        from resolver import serving

        return serving.site(application)
    # Needs uvicorn, which other WSGI servers do without.
    from passport.web import server

    return server.Application(application.wsgi_app)
