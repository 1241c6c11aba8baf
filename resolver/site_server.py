"""Running the resolver: the site of a project under the HTTP server of :mod:`passport.web.server`."""

from __future__ import annotations

import os

from passport.web.server import Application, serve, settle
from resolver import quick_way, wsgi


def site() -> Application:
    """The site of the project that ``PASSPORT_PROJECT`` names.

    :raises SystemExit: with status 2, the configuration cannot be used.
    """
    flask = wsgi.app()
    # The quick way would send what is kept as it is, without the note of a preview.
    application = Application(flask.wsgi_app) if os.environ.get(wsgi.PREVIEW) else quick_way.site(flask)
    settle()
    return application


def run(host: str, port: int, workers: int = 1) -> None:
    """Serve the site of :func:`site` until interrupted.

    :raises SystemExit: the configuration, the store or the state cannot be used, as :func:`resolver.wsgi.app`.
    """
    if workers > 1:
        # A worker that cannot start ends, and is started again, without end: a damaged store does not repair itself.
        wsgi.check()
    serve("resolver.site_server:site", host, port, factory=True, workers=workers)
