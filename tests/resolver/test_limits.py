"""Rate limits: who is counted together, what is said, and what is never kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import Client

from passport.errors import UnusableProject
from passport.web.limits import Buckets, Limit, client_of
from resolver import wsgi
from resolver.config import ResolverConfig
from resolver.limits import RateLimited
from tests.each import each

FIVE = Limit(5, 10)


def clients(limit: Limit, clock: list[float], proxies: int = 0):
    def hello(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"hello"]

    return Client(RateLimited(hello, limit, now=lambda: clock[0], proxies=proxies))


def get(client, address: str = "192.0.2.1", method: str = "GET", **headers):
    return client.open("/", method=method, environ_base={"REMOTE_ADDR": address}, headers=headers)


def test_the_sixth_request_is_refused_and_told_when_to_come_back():
    clock = [0.0]
    client = clients(FIVE, clock)
    left = [get(client).headers["RateLimit"] for _ in range(5)]
    assert left[0].startswith('"default";r=4;')
    refused = get(client)
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Policy"] == '"default";q=5;w=10'
    assert refused.headers["Retry-After"] == "2"
    assert refused.content_type == "application/problem+json"
    assert refused.json["code"] == "too-many-requests"
    clock[0] += 2
    assert get(client).status_code == 200
    assert get(client).status_code == 429


def test_one_client_does_not_use_up_the_share_of_another():
    client = clients(FIVE, [0.0])
    for _ in range(6):
        get(client)
    assert get(client, "192.0.2.2").status_code == 200


def test_what_makes_us_verify_costs_more():
    client = clients(Limit(20, 60), [0.0])
    assert get(client, method="POST").headers["RateLimit"].startswith('"default";r=10;')
    get(client, method="POST")
    assert get(client).status_code == 429


def test_a_refused_head_has_no_body():
    client = clients(Limit(1, 10), [0.0])
    get(client)
    assert get(client, method="HEAD").data == b""


def test_no_limit_says_nothing():
    assert "RateLimit" not in get(clients(Limit.parse("off"), [0.0])).headers


@each(
    ("address", "forwarded", "proxies", "client"),
    [
        ("192.0.2.1", None, 0, "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", 0, "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9", 1, "203.0.113.9"),
        ("127.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.1", 2, "203.0.113.9"),
        ("127.0.0.1", None, 1, "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", None, 0, "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", None, 0, "192.0.2.1"),
        ("nonsense\r\n", None, 0, "unknown"),
    ],
)
def test_a_client_is_an_address_that_it_cannot_choose(address, forwarded, proxies, client):
    assert client_of(address, forwarded, proxies) == client


def test_no_address_is_kept():
    limited = RateLimited(lambda *_: [], FIVE, now=lambda: 0.0)
    limited({"REMOTE_ADDR": "192.0.2.77", "REQUEST_METHOD": "GET"}, lambda *_: None)
    assert len(limited.buckets) == 1
    assert "192.0.2.77" not in repr(vars(limited)) + repr(vars(limited.buckets))


def test_the_number_of_clients_remembered_is_bounded():
    buckets = Buckets(FIVE, clients=2)
    for name in (b"a", b"b", b"c"):
        buckets.take(name, 1, 0.0)
    assert len(buckets) == 2
    assert buckets.take(b"c", 1, 0.0).left == 3
    assert buckets.take(b"a", 1, 0.0).left == 4


def test_a_clock_that_goes_back_gives_nothing():
    buckets = Buckets(FIVE)
    for _ in range(5):
        buckets.take(b"a", 1, 100.0)
    assert not buckets.take(b"a", 1, 0.0).allowed


@each("text", ["", "600", "0/60", "600/0", "-1/60", "600/60s", "٦/٦", "ON", "6e2/60"])
def test_a_limit_that_cannot_be_meant_stops_the_start(text):
    with pytest.raises(UnusableProject):
        Limit.parse(text)


# --- configuration --------------------------------------------------------------------------------------------------


def test_the_environment_says_what_holds(operator):
    environ = {"PASSPORT_PROJECT": str(operator.project.folder), "PASSPORT_RATE_LIMIT": "5/10",
               "PASSPORT_PROXIES": "2", "PASSPORT_STATUS_MAX_AGE": "24"}  # fmt: skip
    config = ResolverConfig.from_environ(environ)
    assert (config.rate_limit, config.proxies, config.status_max_age) == (FIVE, 2, timedelta(days=1))


@each(
    ("name", "value"),
    [("PASSPORT_RATE_LIMIT", "many"), ("PASSPORT_PROXIES", "-1"), ("PASSPORT_PROXIES", "10"),
     ("PASSPORT_STATUS_MAX_AGE", "0"), ("PASSPORT_STATUS_MAX_AGE", "99999"), ("PASSPORT_STATUS_MAX_AGE", "a week")],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_stops_the_start(operator, name, value):
    with pytest.raises(UnusableProject):
        ResolverConfig.from_environ({"PASSPORT_PROJECT": str(operator.project.folder), name: value})


def test_the_server_limits_and_no_cached_answer_holds_what_was_said_to_one_client(operator, monkeypatch):
    operator.project.open_store().close()
    monkeypatch.setenv("PASSPORT_PROJECT", str(operator.project.folder))
    monkeypatch.setenv("PASSPORT_RATE_LIMIT", "5/10")
    client = wsgi.app().test_client()
    left = [
        client.get("/healthz", environ_base={"REMOTE_ADDR": address}).headers["RateLimit"].split(";")[1]
        for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2")
    ]
    assert left == ["r=4", "r=3", "r=4"]
    assert [client.get("/healthz").status_code for _ in range(6)][-1] == 429
