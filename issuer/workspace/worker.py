"""Issues what was ordered, in a thread of its own, so that no page waits for it and none has to stay open.

* A chunk of packs is judged, signed and stored; then the order says so. Every pack is stored whole or not at all.
* After a restart the order is taken again. What was signed before is found the same and left alone.
* A refused pack never stops the others; it is named with its faults.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Sequence

from issuer.workspace.drafts.corrections import Corrections
from issuer.workspace.drafts.draft_reading import read_draft
from issuer.workspace.services import Workspace
from passport.battery.fault import of_severity
from passport.battery.record_chunks import Item, Position, RecordChunk
from passport.errors import PassportError, StoreUnavailable
from passport.publishing.bulk.crew import OwnCrew
from passport.publishing.bulk.issue_run import IssuedChunk, IssueRun
from passport.publishing.publisher import issue_order
from passport.store.workspace.orders import Order, OrderPack, OrderState
from passport.vocabulary.vocabulary import due_on

logger = logging.getLogger("issuer")
#: Packs between two signs of progress, and seconds between two looks for orders that another process left.
CHUNK, _LOOK = 20, 15


class OrderWorker:
    """:param workspace: whose orders it works off."""

    def __init__(self, workspace: Workspace) -> None:
        self._here = workspace
        self._name = secrets.token_hex(4)
        self._woken, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="orders", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Say that there is an order."""
        self._woken.set()

    def close(self) -> None:
        """Stop after the packs in hand. The order stays, and is taken again at the next start."""
        self._ended.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(timeout=60)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.work_off()
            except Exception as error:  # noqa: BLE001 - the thread goes on with the next order
                logger.error("orders cannot be worked off: %s", type(error).__name__)
            self._woken.wait(_LOOK)
            self._woken.clear()

    def work_off(self) -> int:
        """Issue every order there is. :returns: how many."""
        count = 0
        while not self._ended.is_set() and (order := self._here.orders.take(self._name, at=self._here.now())):
            self._issue(order)
            count += 1
        return count

    def _issue(self, order: Order) -> None:
        here = self._here
        try:
            state = self._run_order(order)
        except StoreUnavailable:
            # Left as it is, and taken again when it is found without a sign of life.
            logger.error("the store is away; order %s is taken again", order.id)
            return
        except PassportError as error:
            here.orders.end(order, OrderState.FAILED, at=here.now(), fault=error.code)
        except Exception as error:  # noqa: BLE001 - an order is never left without an end
            logger.error("unexpected %s in order %s", type(error).__name__, order.id)
            here.orders.end(order, OrderState.FAILED, at=here.now(), fault="internal")
        else:
            if state is not None:
                here.orders.end(order, state, at=here.now())

    def _run_order(self, order: Order) -> OrderState | None:
        """How the order ended; None where this process ends before it."""
        here, at = self._here, self._here.now()
        draft = here.drafts.get(order.draft)
        if draft is None:
            return OrderState.FAILED
        reading = read_draft(
            here.drafts.files(draft.id), draft.format, Corrections.from_json(draft.corrections), on=at.date()
        )
        if reading.unusable or of_severity("violation", reading.common):
            here.orders.end(order, OrderState.FAILED, at=at, fault="faulty-record")
            return None
        settings = order.settings
        chosen = issue_order(
            at, due_on(at.date()), bool(settings.get("replace")), settings.get("reason") or None,
            settings.get("publicReason") or None,
        )  # fmt: skip
        publisher = here.publisher
        bench = publisher.workbench(chosen)
        run = IssueRun(publisher.path, bench, OwnCrew(bench), chosen)
        try:
            for chunk in run.issue(_chunks(reading.items), None, allow_loss=True):
                goes_on = here.orders.advance(order, self._name, tuple(_packs(chunk)), at=here.now())
                if self._ended.is_set():
                    return None
                if not goes_on:
                    return OrderState.STOPPED
        finally:
            run.finish()
        return OrderState.DONE


def _chunks(items: Sequence[Item]) -> Iterator[RecordChunk]:
    for number, start in enumerate(range(0, len(items), CHUNK)):
        yield RecordChunk(Position(number=number, first=start), tuple(items[start : start + CHUNK]))


def _packs(chunk: IssuedChunk) -> Iterator[OrderPack]:
    for item, issued in chunk.packs:
        yield OrderPack(item.number, item.name, issued.subject, issued.outcome)
    for left in chunk.refused:
        faults = tuple(fault.to_json() for fault in left.faults[:20])
        yield OrderPack(left.item.number, left.item.name, None, "refused", faults)
