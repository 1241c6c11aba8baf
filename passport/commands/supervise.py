"""``passport supervise``: facts made again from accepted events, and all rules judged over them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from passport.commands import console
from passport.errors import UnreadableInput
from passport.project import Project
from passport.supervision.findings import finding_json, sentence
from passport.supervision.rulebook import rulebook
from passport.supervisor import AcceptedEvent, accepted_event, check, rebuild
from passport.texts import Message

_FOUND = 1


@click.group()
def supervise() -> None:
    """Make the facts of supervision again, and judge all rules over them.

    \b
    Examples:
      passport supervise rebuild events.jsonl --project shop
      passport supervise check --project shop
      passport supervise check --project shop --country cn --json
    """


@supervise.command("rebuild")
@click.argument("events", metavar="EVENTS")
@console.project_option
@console.command
def rebuild_facts(events: str, project_folder: str | None, as_json: bool) -> None:
    """Make all facts again from EVENTS, a file of accepted events (JSON lines; - is stdin).

    Each line is an object: event (the document), roles, credential, digest, number, acceptedAt. The events of a pack
    come together, in the order of acceptance. What people did with alerts stays; the next check opens alerts again.

    \b
    Examples:
      passport supervise rebuild events.jsonl --project shop
      passport supervise rebuild - --project shop < events.jsonl
    """
    store = Project.find(project_folder).open_store()
    count = rebuild(store, _accepted(console.read_input(events)))
    if as_json:
        console.say_json({"packs": count})
    else:
        console.say(Message("facts of {n} pack", plural="facts of {n} packs", n=count))


@supervise.command("check")
@click.option("--country", "countries", multiple=True, help="Rules of this jurisdiction only; repeatable.")
@console.project_option
@console.command
def check_all(countries: tuple[str, ...], project_folder: str | None, as_json: bool) -> None:
    """Judge every rule over all facts: open new alerts, close those whose cause has left.

    Meant for a daily timer, since deadlines pass without an event. Exit code 1: something was found.

    \b
    Examples:
      passport supervise check --project shop
      passport supervise check --project shop --country cn --json
    """
    project = Project.find(project_folder)
    book = rulebook().profile(*(countries or project.regimes))
    checked = check(project.open_store(), book, console.now())
    if as_json:
        console.say_json({
            "opened": checked.opened, "closed": checked.closed,
            "findings": [finding_json(book.rules[finding.rule], finding) for finding in checked.findings],
        })  # fmt: skip
    else:
        console.say(Message(
            "{found} violations; {opened} alerts opened, {closed} closed because their cause has left",
            found=len(checked.findings), opened=checked.opened, closed=checked.closed,
        ))  # fmt: skip
        for finding in checked.findings:
            rule = book.rules[finding.rule]
            console.say(f"{rule.severity:6}  {finding.rule}  {sentence(rule, finding, console.language())}")
    if checked.findings:
        raise SystemExit(_FOUND)


def _accepted(data: bytes) -> Iterator[AcceptedEvent]:
    """:raises UnreadableInput: a line is no accepted event."""
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry: dict[str, Any] = json.loads(line)
            accepted = datetime.fromisoformat(entry["acceptedAt"])
            if accepted.tzinfo is None:
                accepted = accepted.replace(tzinfo=UTC)
            known = {name: entry[name] for name in ("credential", "digest", "number")}
            roles, document = entry["roles"], entry["event"]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(
                Message("line {number} is no accepted event", number=number),
                expected=Message("an object with event, roles, credential, digest, number and acceptedAt"),
                found=type(error).__name__,
            ) from error
        yield accepted_event(document, roles, **known, accepted=accepted)
