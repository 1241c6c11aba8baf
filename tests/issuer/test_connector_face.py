"""The connector over HTTP: what the application adds to the endpoint, and the thread that sends."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

from issuer.connector_face import MAX_BODY, ConnectorFaceConfig, MessageSender, create_connector
from passport.connector.connector_endpoint import ConnectorAnswer
from passport.errors import StoreLocked

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
