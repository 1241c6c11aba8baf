"""The quick way: public views of passports from stored bytes and kept answers, before Flask or beside it.

It answers what Flask would answer, byte for byte, so that nothing depends on it: without this folder, the resolver is
slower and says the same. What the rest of the resolver knows of it is below; :mod:`resolver.quick_way` alone asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Flask

from resolver.limits import Application
from resolver.serving.public_cache import Front

if TYPE_CHECKING:
    from resolver.serving.site import Site


def front(application: Flask) -> Application:
    """The WSGI application with kept answers before it; :func:`site` asks the same ones."""
    made = Front(application.wsgi_app, application.extensions["resolver"])
    application.extensions["front"] = made
    return made


def site(application: Flask) -> Site:
    """The ASGI application that answers at once what :func:`front` has ready.

    :param application: after :func:`front`, with its rate limit.
    """
    # Needs uvicorn, which other WSGI servers do without.
    from resolver.serving.site import Site

    return Site(application)
