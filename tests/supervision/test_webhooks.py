"""Webhooks of alerts: signed, once for each new state, tried again, given up; and the commands about them."""

from __future__ import annotations

import http.server
import json
import threading
from datetime import timedelta

import pytest

from passport.commands.terminal import console
from passport.errors import RefusedAddress
from passport.identity.did import DidResolver
from passport.identity.http_client import GuardedClient
from passport.identity.http_signatures import verify_request
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.oversight import alert_webhooks
from passport.oversight.alert_register import AlertRegister
from passport.oversight.alert_webhooks import ATTEMPTS, LONGEST_WAIT, wait_after
from passport.oversight.supervisor import check
from passport.population.population import NOW
from passport.store.state.alert_handling import AlertHandling
from passport.store.state.alert_subscriptions import AlertSubscriptions, MessageStatus
from passport.supervision.rulebook import rulebook
from tests.each import each

SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))


class Receiver:
    """Takes messages. :ivar status: of its answers; :ivar taken: headers and body of each request."""

    def __init__(self) -> None:
        receiver = self
        self.status, self.taken = 204, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.taken.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hooks"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


class Desk:
    """Alerts of the small population, and their subscriptions."""

    def __init__(self, store, folder) -> None:
        self.store = store
        self.register = AlertRegister(self.store, AlertHandling(folder / "state.db"), rulebook())
        self.subscriptions = AlertSubscriptions(folder / "state.db")

    def subscribe(self, receiver, query: str = "") -> str:
        made = alert_webhooks.new_subscription(
            receiver.url, query, "cn-regulator", private=True, person="Li", at=NOW - timedelta(hours=1)
        )
        alert_webhooks.begin(self.subscriptions, self.register, made, lambda audience, entry: True)
        return made.id

    def step(self, rule: str, step: str):
        entry = next(entry for entry in self.register.entries() if entry.rule.code == rule)
        return self.register.step(entry, step, person="Li", reason="inspected", at=NOW)

    def send(self, at=NOW, client=None):
        alert_webhooks.collect(self.subscriptions, self.register, at=at, visible=lambda audience, entry: True)
        return alert_webhooks.deliver(self.subscriptions, client or GuardedClient(), SIGNER, at=at)


@pytest.fixture(scope="module")
def alerted(planted):
    """Alerts of the small population, which no test here changes: what people do is in a file of its own."""
    store = planted.store()
    check(store, rulebook(), NOW - timedelta(days=1))
    return store


@pytest.fixture
def hooked(alerted, tmp_path):
    return Desk(alerted, tmp_path)


def test_a_new_state_goes_out_once_signed_and_what_was_there_before_does_not(hooked, receiver):
    hooked.subscribe(receiver)
    assert hooked.send().delivered == 0
    entry = hooked.step("used-as-new", "ask")
    assert hooked.send().delivered == 1
    ((headers, body),) = receiver.taken
    verify_request("POST", receiver.url, body, headers, SIGNER.public_key, at=NOW)
    message = json.loads(body)
    assert (message["type"], message["alert"]["id"]) == ("alert.asked", entry.id)
    assert message["alert"]["evidence"] == list(entry.finding.evidence)
    assert headers["Webhook-Id"] == message["id"]
    assert hooked.send(NOW + timedelta(days=1)).delivered == 0
    hooked.step("used-as-new", "close")
    assert hooked.send().delivered == 1


def test_only_what_fits_the_query_goes_out(hooked, receiver):
    hooked.subscribe(receiver, "severity=high&rule=cloned-code")
    hooked.step("used-as-new", "ask")
    assert hooked.send().delivered == 0
    hooked.step("cloned-code", "ask")
    assert hooked.send().delivered == 1


def test_what_is_not_taken_is_tried_again_later_with_the_same_id_until_it_is_dead(hooked, receiver):
    hooked.subscribe(receiver)
    hooked.step("used-as-new", "ask")
    receiver.status, at = 500, NOW
    for attempt in range(1, ATTEMPTS + 1):
        report = hooked.send(at)
        assert (report.failed, report.dead) == ((1, 0) if attempt < ATTEMPTS else (0, 1))
        assert hooked.send(at + wait_after(attempt) - timedelta(seconds=1)).failed == 0
        at += wait_after(attempt)
    assert len(receiver.taken) == ATTEMPTS
    assert len({headers["Webhook-Id"] for headers, _ in receiver.taken}) == 1
    (dead,) = hooked.subscriptions.of_status(MessageStatus.DEAD)
    assert (dead.fault, dead.attempts) == ("HTTP 500", ATTEMPTS)
    receiver.status = 200
    assert hooked.subscriptions.revive(at) == 1
    assert hooked.send(at).delivered == 1


def test_a_receiver_that_is_gone_is_not_asked_again(hooked, receiver):
    hooked.subscribe(receiver)
    hooked.step("used-as-new", "ask")
    receiver.status = 410
    assert hooked.send().dead == 1


def test_a_message_is_sent_by_one_of_two_processes(hooked, receiver):
    hooked.subscribe(receiver)
    hooked.step("used-as-new", "ask")
    alert_webhooks.collect(hooked.subscriptions, hooked.register, at=NOW, visible=lambda audience, entry: True)
    (message,) = hooked.subscriptions.due(NOW, 10)
    assert hooked.subscriptions.claim(message, NOW + timedelta(minutes=5))
    assert not hooked.subscriptions.claim(message, NOW + timedelta(minutes=5))


@each("url", ["http://desk.example/", "http://127.0.0.1/", "ftp://desk.example/", "file:///etc/passwd"])
def test_an_address_that_is_not_called_cannot_be_subscribed(url):
    with pytest.raises(RefusedAddress):
        alert_webhooks.new_subscription(url, "", "cn-regulator", private=False, person="Li", at=NOW)


def test_a_private_address_is_not_called_unless_the_subscription_says_so(hooked, receiver):
    """An https name may lead anywhere: it is looked up and judged at each delivery."""
    made = alert_webhooks.new_subscription("https://localhost/", "", "cn-regulator", private=False, person="Li", at=NOW)
    alert_webhooks.begin(hooked.subscriptions, hooked.register, made, lambda audience, entry: True)
    hooked.step("used-as-new", "ask")
    assert hooked.send().failed == 1
    (waiting,) = hooked.subscriptions.of_status(MessageStatus.WAITING)
    assert waiting.fault == "refused-address"


def test_an_audience_gets_only_alerts_whose_evidence_it_may_read(hooked, receiver):
    hooked.subscribe(receiver)
    hooked.step("used-as-new", "ask")
    assert alert_webhooks.collect(hooked.subscriptions, hooked.register, at=NOW, visible=lambda *_: False) == 0


def test_waits_grow_and_have_an_end():
    waits = [wait_after(attempt) for attempt in range(1, ATTEMPTS)]
    assert waits == sorted(waits) and waits[0] == timedelta(minutes=1) and waits[-1] == LONGEST_WAIT


def test_the_commands_subscribe_deliver_list_and_end(shell, supervised, receiver, monkeypatch):
    shell.run("supervise", "check", "--project", supervised, code=1)
    made = shell.json("alerts", "subscribe", receiver.url, "--as", "cn-regulator", "--allow-private", "--severity",
                      "high", "--project", supervised)  # fmt: skip
    first = shell.json("alerts", "list", "--severity", "high", "--project", supervised)["alerts"][0]["id"]
    shell.run("alerts", "ask", first, "--reason", "by letter", "--by", "Li", "--project", supervised)
    receiver.status = 503
    assert shell.json("alerts", "deliver", "--project", supervised, code=3)["failed"] == 1
    receiver.status = 200
    assert shell.json("alerts", "deliver", "--project", supervised)["delivered"] == 0
    monkeypatch.setattr(console, "now", lambda: NOW + timedelta(minutes=2))
    assert shell.json("alerts", "deliver", "--project", supervised)["delivered"] == 1
    headers, body = receiver.taken[-1]
    multikey = made["key"].removeprefix("did:key:")
    key = DidResolver().verification_method(f"{made['key']}#{multikey}", "assertionMethod", at=NOW).public_key
    verify_request("POST", receiver.url, body, headers, key, at=NOW + timedelta(minutes=2))
    (listed,) = shell.json("alerts", "subscriptions", "--project", supervised)["subscriptions"]
    assert (listed["id"], listed["messages"]) == (made["id"], {"delivered": 1})
    assert shell.json("alerts", "subscriptions", "--dead", "--project", supervised) == {"dead": []}
    shell.run("alerts", "unsubscribe", made["id"], "--project", supervised)
    shell.run("alerts", "unsubscribe", made["id"], "--project", supervised, code=2)
    shell.run("alerts", "subscribe", receiver.url, "--as", "cn-regulator", "--project", supervised, code=2)
