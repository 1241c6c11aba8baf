"""What the commands of the connector share: opening it, and waiting for the other company."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import Any

import click

from passport.commands.terminal import console
from passport.connector.agreements import agreement_digest, end_of
from passport.connector.connector_node import STATE, ConnectorNode
from passport.connector.connector_settings import ConnectorSettings
from passport.connector.exchange_process import ExchangeProcess, ProcessState
from passport.errors import PassportError, PeerFailed, UnusableProject
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.reports.exchange_page import ExchangeLine
from passport.store.state.exchange_reading import ProcessRow
from passport.store.state.exchange_state import ExchangeState
from passport.texts import Message

#: Seconds between two looks at what the other company did.
_LOOK = 0.2
WAIT = click.option("--wait", type=click.FloatRange(0, 3600), default=30, show_default=True,
                     help="Seconds to wait for the other company.")  # fmt: skip
LOOPBACK = click.option("--loopback", is_flag=True, help="Development: call http://localhost as well.")


def node_of(project_folder: str | None, passphrase_file: str | None, loopback: bool = False) -> ConnectorNode:
    project = Project.find(project_folder)
    return ConnectorNode.open(project, console.read_passphrase(passphrase_file), loopback=loopback)


def state_of(project: Project) -> ExchangeState:
    """The connector's state, for reading: no key is needed.

    :raises UnusableProject: the project has none yet.
    """
    path = project.folder.resolve() / STATE
    if not path.exists():
        ConnectorSettings.load(project.folder)
        raise UnusableProject(
            Message("nothing was exchanged yet"), hint=Message("passport connector serve begins to answer.")
        )
    return ExchangeState(path)


def until(node: ConnectorNode, pid: str, wanted: set[ProcessState], seconds: float) -> ExchangeProcess:
    """The process as soon as it is in a wanted state.

    :raises PeerFailed: it ended otherwise, or the time is over.
    """
    service, sleep = node.service, _sleeper(seconds)
    while True:
        service.send_due(at=console.now())
        row = node.state.process(pid)
        assert row is not None  # noqa: S101 (processes are never deleted)
        process = ExchangeProcess.from_json(row.body)
        if process.state in wanted:
            return process
        if not process.is_open:
            raise PeerFailed(
                Message("the exchange has ended: {reason}", reason=process.reason or process.state), found=process.state
            )
        if not sleep():
            raise PeerFailed(
                Message("the other company has not answered yet"), found=process.state,
                hint=Message("passport connector serve has to run; passport connector agreements says how it stands."),
            )  # fmt: skip


def _sleeper(seconds: float) -> Callable[[], bool]:
    """Sleeps for a moment; False when the time is over."""
    deadline = time.monotonic() + seconds

    def sleep() -> bool:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_LOOK)
        return True

    return sleep


def tell(process: ExchangeProcess, as_json: bool, members: JsonObject) -> None:
    if as_json:
        console.say_json({"process": process.pid, "state": process.state, **members})
        return
    console.say(f"{process.pid}  {process.state}")
    for name, value in members.items():
        console.say(f"{name}  {value}")


def line_of(row: ProcessRow, state: ExchangeState) -> ExchangeLine:
    process = ExchangeProcess.from_json(row.body)
    agreement = process.agreement
    end = None
    if agreement is not None:
        try:
            end = end_of(agreement)
        except PassportError:
            end = None
    handed = [record for _, record, _ in state.records(process.pid) if record.direction == "data"]
    day: date | None = None if end is None else end.date()
    return ExchangeLine(
        process.pid, process.state, process.side, process.peer, process.agreement_id, row.changed.date(), day,
        None if agreement is None else agreement_digest(agreement), len(handed), process.reason,
    )  # fmt: skip


def terms_of(policy: JsonObject) -> tuple[tuple[str, str], ...]:
    """The terms of an offer: name and value of each, as ODRL has them."""
    terms = []
    for permission in policy.get("permission", []):
        for constraint in permission.get("constraint", []):
            right: Any = constraint.get("rightOperand")
            value = ", ".join(map(str, right)) if isinstance(right, list) else str(right)
            terms.append((str(constraint.get("leftOperand")).removeprefix("odrl:"), value))
    terms += [(str(each.get("action")).removeprefix("odrl:"), "—") for each in policy.get("prohibition", [])]
    return tuple(terms)
