"""Fast answers: public views of passports from stored bytes and cached answers, in front of Flask or beside it.

The answers equal Flask's byte for byte, so the folder is optional: without it, the resolver is slower and answers the
same. The names below are its whole interface; only :mod:`resolver.quick_way` uses them.
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
