"""The connector over HTTP: what the application adds to the endpoint, and the thread that sends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

from issuer.connector_face import MAX_BODY, ConnectorFaceConfig, MessageSender, StrangerLimit, create_connector
from passport.connector.connector_endpoint import ConnectorAnswer
from passport.errors import StoreLocked
from passport.web.limits import Buckets, Limit

NOW = datetime(2027, 3, 8, tzinfo=UTC)


def client(answerer):
    return create_connector(ConnectorFaceConfig([lambda asked, at: None, answerer]), now=lambda: NOW).test_client()


def test_requests_and_answers_are_carried_as_they_are():
    seen = []

    def answer(asked, at):
        seen.append((asked, at))
        return ConnectorAnswer(201, {"a": 1}, location="https://x.example/1")

    done = client(answer).post(
        "/dsp/a/b", data=b"{}", content_type="application/json", headers={"Authorization": "B x"}
    )
    assert (done.status_code, done.json, done.headers["Location"]) == (201, {"a": 1}, "https://x.example/1")
    assert done.headers["Cache-Control"] == "no-store"
    ((asked, at),) = seen
    assert (asked.method, asked.path, asked.body, asked.authorization, at) == ("POST", "/dsp/a/b", b"{}", "B x", NOW)


def test_what_no_part_answers_is_not_there():
    assert client(lambda asked, at: None).get("/dsp/x").status_code == 404


def test_a_form_of_another_page_and_a_long_body_are_refused():
    calls = client(lambda asked, at: ConnectorAnswer(200, {}))
    assert calls.post("/dsp/x", data=b"a=b", content_type="text/plain").status_code == 415
    assert calls.post("/dsp/x", data=b" " * (MAX_BODY + 1), content_type="application/json").status_code == 413


# --- strangers ------------------------------------------------------------------------------------------------------


class Face:
    """The application with a clock of its own, answered by what a test decides."""

    def __init__(self, quota=30, window=60, proxies=0):
        self.seconds, self.calls, self.outcome = 0.0, 0, ConnectorAnswer(200, {})

        def answer(asked, at):
            self.calls += 1
            return self.outcome

        config = ConnectorFaceConfig([answer], Limit(quota, window), proxies)
        self.client = create_connector(config, now=lambda: NOW, clock=lambda: self.seconds).test_client()

    def get(self, authorization="Bearer x", address="192.0.2.1", **headers):
        given = {**({} if authorization is None else {"Authorization": authorization}), **headers}
        return self.client.get("/dsp/negotiations/1", headers=given, environ_base={"REMOTE_ADDR": address})


STRANGER = ConnectorAnswer(404, {}, of_stranger=True)


def test_a_stranger_is_refused_with_the_time_to_wait_and_nothing_is_verified_any_more():
    face = Face()
    face.outcome = STRANGER
    assert [face.get().status_code for _ in range(4)] == [404, 404, 404, 429]
    assert face.calls == 3
    refusal = face.get()
    assert refusal.headers["Retry-After"] == "20"
    assert refusal.json["code"] == "too-many-requests"
    face.seconds += 20
    assert face.get().status_code == 404


def test_a_company_that_proves_itself_is_never_counted():
    face = Face()
    assert {face.get().status_code for _ in range(100)} == {200}


def test_public_documents_cost_one():
    face = Face()
    assert [face.get(authorization=None).status_code for _ in range(22)] == [200] * 21 + [429]


def test_one_stranger_keeps_no_other_client_out():
    face = Face()
    face.outcome = STRANGER
    for _ in range(5):
        face.get()
    face.outcome = ConnectorAnswer(200, {})
    assert face.get(address="192.0.2.2").status_code == 200
    assert face.get(address="192.0.2.1").status_code == 429


def test_behind_a_proxy_clients_are_told_apart_and_cannot_name_themselves():
    face = Face(proxies=1)
    face.outcome = STRANGER
    for _ in range(4):
        face.get(**{"X-Forwarded-For": "203.0.113.9, 192.0.2.1"})
    assert face.get(**{"X-Forwarded-For": "198.51.100.7, 192.0.2.1"}).status_code == 429
    assert face.get(**{"X-Forwarded-For": "203.0.113.9, 192.0.2.2"}).status_code == 404


def test_so_many_clients_are_remembered_and_no_more():
    limit = StrangerLimit(Limit(30, 60), 0, lambda: 0.0)
    limit.buckets = Buckets(Limit(30, 60), clients=50)
    for number in range(200):
        limit.admit(f"10.0.{number // 250}.{number % 250}", None)
    assert len(limit.buckets) == 50


def test_a_quota_of_zero_is_no_limit():
    face = Face(quota=0)
    face.outcome = STRANGER
    assert {face.get().status_code for _ in range(40)} == {404}


def test_the_sender_takes_up_what_waits_and_goes_on_after_a_failure():
    done, calls = threading.Event(), []

    def send_due(*, at):
        calls.append(at)
        if len(calls) == 1:
            raise StoreLocked("locked")
        done.set()
        return 0

    service = SimpleNamespace(
        resume=lambda at: calls.clear(), send_due=send_due, state=SimpleNamespace(next_due=lambda: None)
    )
    sender = MessageSender(service, lambda: NOW)
    sender.start()
    sender.wake()
    assert done.wait(10)
    sender.stop()
