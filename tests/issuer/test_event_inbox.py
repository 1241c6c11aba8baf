"""The event inbox over HTTP: an answer means stored, and a refusal says all that is wrong."""

from __future__ import annotations

import json
import threading

import pytest
from sqlalchemy.exc import OperationalError

from issuer.event_inbox import MAX_BODY, EventInboxConfig, Follower, create_event_inbox
from passport.errors import UnusableProject
from tests.lifecycle.life_world import NOW, PACK
from tests.publishing.event_world import SigningWorld, produced_world

TOKEN = "t" * 32


@pytest.fixture
def world():
    return produced_world()


def client(world, token=None):
    return create_event_inbox(EventInboxConfig(world.inbox, token), now=lambda: NOW).test_client()


def post(world, value, **options):
    return client(world).post("/events", json=value, **options)


def message(world, kind="issue_passport", actor="maker", **members):
    return world.message(world.event(kind, actor, **members)).to_json()


def test_an_answer_of_201_means_stored_with_a_receipt(world):
    sent = message(world)
    answer = post(world, sent)
    assert answer.status_code == 201
    receipt = answer.json["receipt"]
    row = world.store.event(sent["event"]["id"])
    assert (receipt["sequence"], receipt["position"], receipt["digest"]) == (row.sequence, 3, row.digest)
    assert world.store.event_document(row.digest) is not None


def test_a_duplicate_is_409_and_changes_nothing(world):
    sent = message(world)
    first, second = post(world, sent), post(world, sent)
    assert (second.status_code, second.json["code"]) == (409, "already-stored")
    assert second.json["receipt"] == first.json["receipt"]
    assert len(world.history(PACK)) == 3


def test_an_event_that_lost_the_head_is_409_with_the_new_head(world):
    first, second = message(world), message(world)
    post(world, first)
    answer = post(world, second)
    assert (answer.status_code, answer.json["code"]) == (409, "not-the-head")
    assert answer.json["head"]["id"] == first["event"]["id"]


def test_a_refused_event_is_422_with_every_fault_in_both_languages(world):
    answer = post(world, message(world, "report_lost", fields={"eventReason": " ", "caseNumber": ""}))
    assert answer.status_code == 422 and answer.content_type == "application/problem+json"
    assert {fault["pointer"] for fault in answer.json["faults"]} == {
        "/detail/credentialSubject/eventReason", "/detail/credentialSubject/caseNumber",
    }  # fmt: skip
    assert all({"en", "zh"} <= fault["message"].keys() for fault in answer.json["faults"])
    assert answer.json["outcome"] == "refused" and answer.json["kept"]


def test_an_event_that_could_not_be_checked_is_424(world):
    fresh = SigningWorld(authority=world.authority)
    event = fresh.event("register_code", "maker")
    answer = post(fresh, fresh.message(event, status_lists=()).to_json())
    assert (answer.status_code, answer.json["code"]) == (424, "accreditation-status-unknown")


def test_a_batch_answers_each_message_by_itself(world):
    good = message(world)
    answer = post(world, {"messages": [good, {"event": 1}, good]})
    assert answer.status_code == 200
    assert [each["status"] for each in answer.json["outcomes"]] == ["accepted", "refused", "duplicate"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b'{"event": 1, "event": 2}', 400),
        (b'{"messages": 1}', 400),
        (b'{"messages": [], "more": 1}', 400),
        (json.dumps({"messages": [{}] * 501}).encode(), 400),
        (b"[]", 422),
        (json.dumps({"event": {"a": "x" * 1_100_000}}).encode(), 413),
        (b" " * (MAX_BODY + 1), 413),
    ],
)
def test_a_body_that_is_no_message(world, body, status):
    answer = client(world).post("/events", data=body, content_type="application/json")
    assert answer.status_code == status and answer.json["code"]
    assert len(world.history(PACK)) == 2


def test_another_media_type(world):
    assert client(world).post("/events", data="x", content_type="text/plain").status_code == 415


def test_another_method(world):
    assert client(world).get("/events").status_code == 405


def test_a_request_without_the_token(world):
    app = client(world, TOKEN)
    sent = message(world)
    assert app.post("/events", json=sent).status_code == 401
    assert app.post("/events", json=sent, headers={"Authorization": "Bearer " + "x" * 32}).status_code == 401
    assert app.post("/events", json=sent, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 201


def test_a_token_that_is_too_short(world):
    with pytest.raises(UnusableProject):
        EventInboxConfig(world.inbox, "short")


def test_a_store_that_fails_is_503_and_nothing_is_said_of_the_event(world, monkeypatch):
    sent = message(world)

    def failing(*_):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("passport.publishing.events.inbox._store_all", failing)
    answer = post(world, sent)
    assert answer.status_code == 503 and sent["event"]["id"] not in answer.text


def test_a_tampered_event_is_422(world):
    sent = message(world)
    sent["event"]["credentialSubject"]["occurredAt"] = "2027-07-30T09:00:00+08:00"
    assert post(world, sent).json["code"] == "invalid-signature"


# --- what follows -----------------------------------------------------------------------------------------------------


def test_what_follows_is_told_of_accepted_events_only(world):
    calls = []
    app = create_event_inbox(EventInboxConfig(world.inbox, None, lambda: calls.append(1)), now=lambda: NOW)
    sent = message(world)
    for _ in range(2):
        app.test_client().post("/events", json=sent)
    app.test_client().post("/events", json={"event": {}})
    assert calls == [1]


def test_the_follower_does_it_in_a_thread_of_its_own():
    done, caller = threading.Event(), threading.get_ident()
    seen = []

    def follow(at):
        seen.append((at, threading.get_ident() != caller))
        done.set()

    Follower(follow, lambda: NOW).wake()
    assert done.wait(5) and seen == [(NOW, True)]
