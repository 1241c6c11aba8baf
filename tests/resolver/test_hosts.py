"""The host of a request under any WSGI server, where several headers of one name arrive as one with commas."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from issuer.vc_api import VcApiConfig, create_vc_api
from passport.web.hosts import InvalidHost, check_host, is_host
from resolver import wsgi
from tests.each import each

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def status_of(application, path: str, protocol: str, host: str | None) -> int:
    environ = EnvironBuilder(path).get_environ()
    environ.update(SERVER_PROTOCOL=protocol, HTTP_HOST=host)
    if host is None:
        del environ["HTTP_HOST"]
    body, status, _ = run_wsgi_app(application, environ)
    list(body)
    return int(status.split()[0])


@pytest.mark.parametrize(
    ("protocol", "host", "expected"),
    [("HTTP/1.1", "a.example", 200), ("HTTP/1.1", None, 400), ("HTTP/1.1", "", 400), ("HTTP/1.1", "a,b", 400),
     ("HTTP/2", None, 400), ("HTTP/1.0", None, 200), ("HTTP/1.0", "a,a", 400), ("HTTP/1.0", "", 400)],
)  # fmt: skip
def test_any_wsgi_server_gets_the_same_answer(site, protocol, host, expected):
    path = site.path(site.ev)
    for application in (site.app.wsgi_app, wsgi.fronted(site.app, now=lambda: 0.0).wsgi_app):
        assert status_of(application, path, protocol, host) == expected


def test_the_vc_api_refuses_it_as_well(site):
    config = VcApiConfig({}, site.operator.project.trust_list(), site.operator.project.base_url, development=True)
    application = create_vc_api(config, now=lambda: NOW)
    assert status_of(application, "/status/1", "HTTP/1.1", None) == 400
    assert status_of(application, "/status/1", "HTTP/1.1", "a.example") == 404


def test_the_refusal_quotes_no_value_of_the_stranger():
    with pytest.raises(InvalidHost) as caught:
        check_host("HTTP/1.1", "<script>")
    assert "script" not in f"{caught.value} {caught.value.hint}"


@each("value", ["a\n", "a\r\nb", "a\0", "\u0661.example", "[::1%25eth0]", "[::1]x"])
def test_no_other_character_gets_into_a_host(value):
    assert not is_host(value)
