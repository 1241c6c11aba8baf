"""Signed webhooks: each new state of an alert that fits a subscription goes to its address, until it is taken.

* :func:`collect` compares the alerts with what was sent, and writes a message for each state that is new.
* :func:`deliver` sends what is due. What is not taken (any answer but 2xx, or none) is tried again after a minute, then
  after four times as long, half a day at most; after :data:`ATTEMPTS` attempts it is dead. 410 means: never again.
* A message has an id that stays on each attempt: a receiver that has seen it answers 2xx and does nothing.
* A message is signed (RFC 9421) with a key of its own, so that a receiver needs the public key and this side no secret
  of the receiver. Standard Webhooks (a shared secret, HMAC) was the other choice: its secret would lie readable here.
* Private and loopback addresses are called only where the subscription says so.

    begin(subscriptions, register, subscription, visible)
    collect(subscriptions, register, at=now, visible=visible)
    deliver(subscriptions, client, signer, at=now)
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.errors import FetchFailed, PassportError, RefusedAddress
from passport.identity.http_client import GuardedClient
from passport.identity.http_signatures import signed_headers
from passport.identity.signer import Signer
from passport.linked_data import strict_json
from passport.oversight.alert_list import AlertFilter, choices_of
from passport.oversight.alert_register import AlertEntry, AlertRegister
from passport.store.state.alert_subscriptions import AlertMessage, AlertSubscriptions, MessageStatus, Subscription
from passport.supervision.alerts import AlertStatus

ATTEMPTS = 10
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=12)
#: How long a claimed message is left to the process that claimed it.
_CLAIM = timedelta(minutes=5)
#: Messages that one run sends.
_AT_ONCE = 500
_GONE = 410

Visible = Callable[[str, AlertEntry], bool]


@dataclass(frozen=True)
class DeliveryReport:
    """:ivar collected: new messages; :ivar delivered, failed, dead: of this run."""

    collected: int = 0
    delivered: int = 0
    failed: int = 0
    dead: int = 0


def new_subscription(url: str, query: str, audience: str, *, private: bool, person: str, at: datetime) -> Subscription:
    """A subscription with an id of its own.

    :raises RefusedAddress: no address that can be called, such as http to another machine.
    """
    client = GuardedClient()
    (client.naming(url) if private else client).check(url)
    return Subscription(secrets.token_hex(6), url, query, audience, private, at, person)


def begin(
    subscriptions: AlertSubscriptions, register: AlertRegister, subscription: Subscription, visible: Visible
) -> None:
    """Begin a subscription. Nothing is sent for what is there already."""
    known = (
        _message(subscription, entry, MessageStatus.KNOWN, subscription.at)
        for entry in _fitting(register, subscription, subscription.at, visible)
    )
    subscriptions.begin(subscription, known)


def collect(subscriptions: AlertSubscriptions, register: AlertRegister, *, at: datetime, visible: Visible) -> int:
    """Write a message for each state of an alert that a subscription has not had. :returns: how many."""
    count = 0
    for subscription in subscriptions.all():
        if subscription.ended is None:
            sent = subscriptions.states(subscription.id)
            count += subscriptions.add(
                _message(subscription, entry, MessageStatus.WAITING, at)
                for entry in _fitting(register, subscription, at, visible)
                if (entry.id, state_of(entry)) not in sent
            )
    return count


def deliver(
    subscriptions: AlertSubscriptions, client: GuardedClient, signer: Signer, *, at: datetime
) -> DeliveryReport:
    """Send what is due."""
    by_id = {subscription.id: subscription for subscription in subscriptions.all()}
    delivered = failed = dead = 0
    for message in subscriptions.due(at, _AT_ONCE):
        subscription = by_id[message.subscription]
        if not subscriptions.claim(message, at + _CLAIM):
            continue
        fault, is_final = _sent(subscription, message, client, signer, at)
        if fault is None:
            subscriptions.delivered(message.id, at)
            delivered += 1
        elif is_final or message.attempts + 1 >= ATTEMPTS:
            subscriptions.give_up(message.id, at, fault)
            dead += 1
        else:
            subscriptions.put_off(message.id, at + wait_after(message.attempts + 1), fault)
            failed += 1
    return DeliveryReport(0, delivered, failed, dead)


def wait_after(attempts: int) -> timedelta:
    """How long a message waits after so many attempts."""
    growth: int = 4 ** (attempts - 1)
    return min(FIRST_WAIT * growth, LONGEST_WAIT)


def state_of(entry: AlertEntry) -> str:
    """Status of an alert, and what makes this stay in it another one than the last."""
    alert = entry.alert
    return f"{alert.status.value} {len(alert.steps)} {(alert.closed or alert.opened).isoformat()}"


def _sent(
    subscription: Subscription, message: AlertMessage, client: GuardedClient, signer: Signer, at: datetime
) -> tuple[str | None, bool]:
    """Why a message was not taken, None where it was; and whether it is of no use to try again."""
    body = message.body or b""
    caller = client.naming(subscription.url) if subscription.private else client
    try:
        headers = signed_headers("POST", subscription.url, body, {"Webhook-Id": message.id}, signer, created=at)
        status = caller.post_signed(subscription.url, body, headers)
    except (FetchFailed, RefusedAddress) as error:
        # A name may lead to a public address tomorrow.
        return error.code, False
    except PassportError as error:
        return error.code, True
    return (None, False) if 200 <= status < 300 else (f"HTTP {status}", status == _GONE)


def _fitting(
    register: AlertRegister, subscription: Subscription, at: datetime, visible: Visible
) -> Iterator[AlertEntry]:
    # Where no status was chosen every one fits: a subscriber learns of the end, too.
    choices = {"status": [status.value for status in AlertStatus], **choices_of(subscription.query)}
    wanted = AlertFilter.of(choices, at)
    for entry in register.entries():
        if not wanted.misses(entry, at) and visible(subscription.audience, entry):
            yield entry


def _message(subscription: Subscription, entry: AlertEntry, status: MessageStatus, at: datetime) -> AlertMessage:
    state = state_of(entry)
    id_ = hashlib.sha256("\n".join((subscription.id, entry.id, state)).encode()).hexdigest()[:32]
    body = strict_json.dumps({
        "id": id_, "subscription": subscription.id, "type": f"alert.{entry.status.value}", "collected": at.isoformat(),
        "alert": entry.to_json(),
    })  # fmt: skip
    return AlertMessage(id_, subscription.id, entry.id, state, body if status is MessageStatus.WAITING else None,
                        status, at)  # fmt: skip
