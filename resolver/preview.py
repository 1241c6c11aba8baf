"""A preview of the site where its base URL does not lead yet: on this machine, before DNS and TLS are set up.

* Addresses in signed documents, in QR codes and in files are those of the base URL: nothing signed is rewritten, and
  what is shown is what will be published.
* Only what a browser follows in a page leads to the preview: the targets of links and forms, and redirects. They become
  paths, so the preview works under any name and port.
* Each page says that it is a preview. No cache may keep it.

    application.wsgi_app = Preview(application.wsgi_app, "https://passport.example.com")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import urlsplit

from passport.texts import Message, say

_TAG = re.compile(r"<[a-z][^>]*>")
_HEADING = Message("Preview")
_NOTE = Message(
    "Preview of {base_url} on this machine. Links and forms of this page stay here. Signed data, QR codes and files "
    "hold the addresses that will be published."
)

Headers = list[tuple[str, str]]


class Preview:
    """WSGI middleware. :param base_url: of the site, without a closing slash."""

    def __init__(self, application: Callable[..., Iterable[bytes]], base_url: str) -> None:
        self._application, self._base_url = application, base_url
        self._root = urlsplit(base_url).path
        start = re.escape(base_url)
        self._target = re.compile(rf"""\b(href|action|formaction)=(["']?){start}(?=[/"'?#\s>])(/?)""")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if self._root and f"{path}/".startswith(f"{self._root}/"):
            # A proxy will take the path of the site off; there is none here.
            environ = {**environ, "PATH_INFO": path.removeprefix(self._root) or "/"}
        given: list[Any] = []

        def begin(status: str, headers: Headers, *rest: Any) -> None:
            given[:] = [status, headers, *rest]

        body = self._application(environ, begin)
        try:
            content = b"".join(body)
        finally:
            getattr(body, "close", lambda: None)()
        status, headers, *rest = given
        headers = [(name, self._led(value) if name == "Location" else value) for name, value in headers]
        if dict(headers).get("Content-Type", "").startswith("text/html"):
            content = self.page(content.decode("utf-8")).encode("utf-8") if content else content
            left_out = ("ETag", "Content-Length", "Cache-Control", "Last-Modified")
            headers = [pair for pair in headers if pair[0] not in left_out]
            headers += [("Content-Length", str(len(content))), ("Cache-Control", "no-store")]
        start_response(status, headers, *rest)
        return [content]

    def page(self, html: str) -> str:
        """A page with its links led here and the note at its top. Text between tags stays as it is."""
        language = match[1] if (match := re.search(r'<html lang="([a-zA-Z-]+)"', html)) else "en"
        html = _TAG.sub(lambda tag: self._target.sub(r"\1=\2/", tag[0]), html)
        note = say(_NOTE.fill(base_url=self._base_url), language)
        band = (
            f'<div class="rolebar" role="region" aria-label="{escape(say(_HEADING, language))}"><div class="wrap">'
            f'<p class="s">{escape(note)}</p></div></div>'
        )
        return re.sub(r"<body[^>]*>", lambda body: body[0] + band, html, count=1)

    def _led(self, location: str) -> str:
        if location == self._base_url or location.startswith(f"{self._base_url}/"):
            return location.removeprefix(self._base_url) or "/"
        return location
