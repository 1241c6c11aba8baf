"""Acceptance of life-cycle events against bare verification, in one run.

    python benchmarks/events.py                       2,000 packs, in groups of 500
    python benchmarks/events.py --packs 500 --history 500
    python benchmarks/events.py --packs 500 --times 5       on a machine with other work: the best of five turns

*Bare* is the verification of the signatures of event and detail alone, as the inbox verifies them. *Accepted* is all
of it: verification, accreditation, validation, the decision on the history, the store (a file) and the log. *With
receipts* signs a checkpoint for each group and makes a proof of each document. *Cold* is the second half of the events
by an inbox that knows no history yet, so that each is read from the store. *HTTP* is the same through the
application that ``passport inbox`` serves, in batches, with parsing and answers. *History* is one pack that grows to
that many events: the last fifty against the first fifty. Times are of the processor; ratios are of one run.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any

from issuer.event_inbox import EventInboxConfig, create_event_inbox
from passport.commands.keeping.init import make_project
from passport.credentials.checks.signature_check import check_signature
from passport.credentials.trust import TrustList
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.identity.keys import Algorithm
from passport.lifecycle import catalogue
from passport.linked_data import strict_json
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.inbox import GROUP, Inbox, Status
from passport.publishing.events.message import EventMessage
from passport.publishing.events.receipts import ReceiptWriter
from passport.publishing.events.reporting import Reporter
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from passport.store.log.log_writing import EVENTS
from passport.web.server import settle

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BASE = "https://registry.example"


class World:
    """A maker that an authority accredited, and inboxes that trust the authority."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        authority = make_project(folder / "authority", "https://authority.example", names={"en": "A", "zh": None})
        self.maker = make_project(folder / "maker", "https://maker.example", names={"en": "M", "zh": None})
        store, issuer = Store.open("sqlite://"), authority.issuer_with_key(None)
        statement = ActorStatement(
            holder=self.maker.issuer, legal_name={"en": "Maker"}, registration_number="1",
            roles=("batteryMaker", "economicOperator", "repairShop", "vehicleMaker"), manufacturer_codes=("001",),
        )  # fmt: skip
        grants = ActorGrants(store, issuer, authority.base_url)
        since = datetime(2020, 1, 1, tzinfo=UTC)
        self.accreditation = grants.grant(statement, valid_from=since, valid_until=NOW + timedelta(days=999))
        StatusLists(store, issuer, authority.base_url).sign_all(NOW)
        lists = (store.status_list(number) for number in store.role_lists())
        self.lists = tuple(each for each in lists if each is not None)
        entry = {"id": authority.issuer, "name": {"en": "A"}, "trustedFor": ["BatteryActorCredential"]}
        self.trust = TrustList.from_json({"issuers": [entry]})

    def reporter(self) -> Reporter:
        return Reporter(
            self.maker.issuer_with_key(None), self.maker.base_url, lambda _: None,
            accreditation=self.accreditation, status_lists=self.lists,
        )  # fmt: skip

    def inbox(self, name: str, *, receipts: bool = False) -> Inbox:
        store = Store.open(f"sqlite:///{self.folder / name}.db")
        log = Log(store, EVENTS, log_name(BASE, EVENTS))
        writer = ReceiptWriter(log, KeySigner(PrivateKey.generate(Algorithm.ED25519))) if receipts else None
        return Inbox(store, EventCheck(store, self.trust, BASE), catalogue().profile("cn", "eu"), writer)


def births(packs: int) -> Iterator[dict[str, Any]]:
    """Each pack is registered, then each is produced: no two events of one pack in a group, if there are enough."""
    for number in range(packs):
        yield {
            "pack": pack_of(number), "event": "register_code", "occurredAt": "2026-10-01T09:00:00+08:00",
            "fields": {"packCode": f"001PE01A1B2C3DGA1{number + 1:07}", "batteryModel": "https://maker.example/id/M"},
        }  # fmt: skip
    for number in range(packs):
        yield {
            "pack": pack_of(number), "event": "produce", "occurredAt": "2026-10-02T09:00:00+08:00",
            "place": {"country": "CN", "province": "CN-AH"},
            "fields": {"chemistryShortName": "NMC", "specifiedRatedCapacity": "141", "handledMass": "540"},
        }  # fmt: skip


def life(events: int) -> Iterator[dict[str, Any]]:
    """One pack that is fitted and removed again and again."""
    yield from births(1)
    car = {"vehicle": [{"keyId": "k1", "hash": "u" + "A" * 43}]}
    for number in range(events - 2):
        at = datetime.fromisoformat("2026-10-03T09:00:00+08:00") + timedelta(minutes=number)
        kind, fields = ("remove", {"fields": {"removalReason": "fault"}}) if number % 2 else ("fit", {})
        yield {"pack": pack_of(0), "event": kind, "occurredAt": at.isoformat(), **car, **fields}


def pack_of(number: int) -> str:
    return f"https://maker.example/id/M/{number}"


def signed(world: World, documents: Iterator[dict[str, Any]]) -> list[EventMessage]:
    reporter = world.reporter()
    return [reporter.message(document, at=NOW) for document in documents]


def timed(work: Callable[[], Any]) -> float:
    started = process_time()
    work()
    return process_time() - started


def fresh(messages: Sequence[EventMessage]) -> list[EventMessage]:
    """The messages as they came in: nothing of them is digested yet."""
    return [replace(message) for message in messages]


def accepted(inbox: Inbox, messages: Sequence[EventMessage]) -> None:
    wrong = [outcome for outcome in inbox.accept(messages, now=NOW) if outcome.status is not Status.ACCEPTED]
    if wrong:
        raise SystemExit(f"refused: {wrong[0].to_json()}")


def over_http(inbox: Inbox, bodies: Sequence[bytes]) -> None:
    client = create_event_inbox(EventInboxConfig(inbox), now=lambda: NOW).test_client()
    for body in bodies:
        answer = client.post("/events", data=body, content_type="application/json")
        if any(each["status"] != "accepted" for each in answer.json["outcomes"]):
            raise SystemExit("refused over HTTP")


def bare(world: World, messages: Sequence[EventMessage]) -> None:
    """The signatures of event and detail, as the inbox verifies them."""
    resolver, actor = DidResolver(), world.maker.issuer
    for message in messages:
        for document in (message.event, message.detail):
            if document is not None:
                check_signature(document, resolver, controller=actor, at=NOW)


def main() -> None:
    parser = argparse.ArgumentParser(description="Acceptance of life-cycle events against bare verification.")
    parser.add_argument("--packs", type=int, default=2_000)
    parser.add_argument("--history", type=int, default=500)
    parser.add_argument("--times", type=int, default=1, help="turns; of each way the fastest one counts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        world = World(Path(name))
        messages = signed(world, births(options.packs))
        count = len(messages)
        accepted(world.inbox("warm"), fresh(messages[:20]))
        settle()  # as the process that serves the inbox does
        bodies = [
            strict_json.dumps({"messages": [message.to_json() for message in messages[start : start + GROUP]]})
            for start in range(0, count, GROUP)
        ]
        seconds: dict[str, float] = {}
        for turn in range(options.times):
            for what, each in once(world, messages, bodies, turn).items():
                seconds[what] = min(each, seconds.get(what, each))
        print(json.dumps({
            "events": count,
            "perSecond": {what: round(count / each) for what, each in seconds.items()},
            "timesBareVerification": {what: round(each / seconds["bare"], 2) for what, each in seconds.items()},
            "history": history(world, options.history),
        }, indent=2))  # fmt: skip


def once(world: World, messages: Sequence[EventMessage], bodies: Sequence[bytes], turn: int) -> dict[str, float]:
    """Seconds of each way of acceptance, by inboxes with stores of their own."""
    count = len(messages)
    plain, proving = world.inbox(f"plain{turn}"), world.inbox(f"receipts{turn}", receipts=True)
    served = world.inbox(f"served{turn}", receipts=True)
    accepted(world.inbox(f"cold{turn}"), fresh(messages[: count // 2]))
    cold = world.inbox(f"cold{turn}")
    runs: dict[str, Callable[[Sequence[EventMessage]], None]] = {
        "bare": lambda some: bare(world, some),
        "accepted": lambda some: accepted(plain, some),
        "withReceipts": lambda some: accepted(proving, some),
        "cold": lambda some: accepted(cold, some[count // 2 :]),
        "http": lambda _: over_http(served, bodies),
    }
    seconds = {what: timed(partial(run, fresh(messages))) for what, run in runs.items()}
    seconds["cold"] *= 2  # of half of them
    return seconds


def history(world: World, length: int) -> dict[str, Any]:
    """One pack, one event after the other: what an event costs at the beginning and at the end, and a page of it."""
    messages = signed(world, life(length))
    inbox = world.inbox("history")
    each = [timed(lambda message=message: accepted(inbox, [message])) for message in messages]  # type: ignore[misc]
    first, last = sum(each[:50]) / 50, sum(each[-50:]) / 50
    return {
        "events": length,
        "firstMs": round(first * 1000, 2),
        "lastMs": round(last * 1000, 2),
        "ratio": round(last / first, 2),
    }


if __name__ == "__main__":
    main()
