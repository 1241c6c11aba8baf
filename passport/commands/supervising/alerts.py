"""``passport alerts``: what supervision found, and what people do about it."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import UTC, datetime

import click

from passport.commands.supervising.alert_webhooks import deliver_messages, list_subscriptions, subscribe, unsubscribe
from passport.commands.terminal import console
from passport.oversight.alert_register import AlertEntry, AlertRegister
from passport.project import Project
from passport.store.state.alert_handling import AlertHandling
from passport.supervision.alerts import ASK, ASSIGN, CLOSE, EXPLAIN, REOPEN, AlertStatus, status_text
from passport.supervision.rulebook import SEVERITIES, rulebook
from passport.texts import Message

_id = click.argument("alert", metavar="ALERT")
_by = click.option("--by", "person", default=None, help="Who does it; by default the user of this computer.")
_reason = click.option("--reason", required=True, help="Why, in one sentence; it is kept.")


def _step(command: Callable[..., None]) -> Callable[..., None]:
    """The argument and the options of every step that a person takes."""
    for decorate in (console.command, console.project_option, _by, _reason, _id):
        command = decorate(command)
    return command


@click.group()
def alerts() -> None:
    """List the alerts of supervision, show one with its evidence, and write down what is done about it.

    \b
    Examples:
      passport alerts list --severity high
      passport alerts show 3fa81c
      passport alerts assign 3fa81c --to li.wei --reason "province Anhui"
      passport alerts ask 3fa81c --reason "asked the outlet by letter of 2 May"
      passport alerts explain 3fa81c --reason "the outlet reported late; the report has come"
      passport alerts close 3fa81c --reason "inspected on site"
      passport alerts reopen 3fa81c --reason "the pack appeared again"
      passport alerts subscribe https://desk.example/hooks --as cn-regulator --severity high
      passport alerts deliver
    """


for _command in (subscribe, unsubscribe, list_subscriptions, deliver_messages):
    alerts.add_command(_command)


@alerts.command("list")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only alerts of this severity.")
@click.option(
    "--status", type=click.Choice([*(status.value for status in AlertStatus), "all"]), default="open",
    show_default=True, help="Only alerts of this status.",
)  # fmt: skip
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--subject", help="Only alerts about this pack (address) or actor (DID).")
@console.project_option
@console.command
def list_alerts(
    severity: str | None, status: str, rule: str | None, subject: str | None, project_folder: str | None, as_json: bool
) -> None:
    """List alerts, the most severe first.

    \b
    Examples:
      passport alerts list
      passport alerts list --severity high --status all --json
      passport alerts list --subject did:web:shop.example
    """
    entries = [
        entry
        for entry in _register(project_folder).entries()
        if (severity is None or entry.rule.severity == severity)
        and (status in ("all", entry.status.value))
        and (rule is None or entry.rule.code == rule)
        and (subject is None or subject in (entry.finding.subject, entry.finding.actor, entry.finding.other))
    ]
    if as_json:
        console.say_json({"alerts": [entry.to_json() for entry in entries]})
        return
    if not entries:
        console.say(Message("no alerts"))
    for entry in entries:
        console.say(
            f"{entry.id}  {entry.rule.severity:6}  {entry.status.value:9}  {entry.sentence(console.language())}"
        )


@alerts.command()
@_id
@console.project_option
@console.command
def show(alert: str, project_folder: str | None, as_json: bool) -> None:
    """Show ALERT, its basis, its evidence as events, and what was done about it.

    \b
    Example:
      passport alerts show 3fa81c
    """
    register = _register(project_folder)
    _print(register, register.find(alert), as_json)


@alerts.command()
@click.option("--to", "owner", required=True, help="Who is to see to it.")
@_step
def assign(alert: str, owner: str, reason: str, person: str | None, project_folder: str | None, as_json: bool) -> None:
    """Name who is to see to ALERT.

    \b
    Example:
      passport alerts assign 3fa81c --to li.wei --reason "province Anhui"
    """
    _do(ASSIGN, alert, reason, person, project_folder, as_json, owner=owner)


@alerts.command()
@_step
def ask(alert: str, reason: str, person: str | None, project_folder: str | None, as_json: bool) -> None:
    """Write down that an explanation of ALERT was asked for.

    \b
    Example:
      passport alerts ask 3fa81c --reason "asked the outlet by letter of 2 May"
    """
    _do(ASK, alert, reason, person, project_folder, as_json)


@alerts.command()
@_step
def explain(alert: str, reason: str, person: str | None, project_folder: str | None, as_json: bool) -> None:
    """Write down an explanation of ALERT. It stays until its cause leaves or a person closes it.

    \b
    Example:
      passport alerts explain 3fa81c --reason "the outlet reported late"
    """
    _do(EXPLAIN, alert, reason, person, project_folder, as_json)


@alerts.command()
@_step
def close(alert: str, reason: str, person: str | None, project_folder: str | None, as_json: bool) -> None:
    """Close ALERT with a reason, although its cause is there.

    \b
    Example:
      passport alerts close 3fa81c --reason "inspected on site"
    """
    _do(CLOSE, alert, reason, person, project_folder, as_json)


@alerts.command()
@_step
def reopen(alert: str, reason: str, person: str | None, project_folder: str | None, as_json: bool) -> None:
    """Open ALERT again, which a person closed or explained.

    \b
    Example:
      passport alerts reopen 3fa81c --reason "the pack appeared again"
    """
    _do(REOPEN, alert, reason, person, project_folder, as_json)


def _do(
    step: str,
    alert: str,
    reason: str,
    person: str | None,
    folder: str | None,
    as_json: bool,
    *,
    owner: str | None = None,
) -> None:
    register = _register(folder)
    entry = register.step(
        register.find(alert), step, person=person or getpass.getuser(), reason=reason, owner=owner, at=console.now()
    )
    _print(register, entry, as_json)


def _register(project_folder: str | None) -> AlertRegister:
    project = Project.find(project_folder)
    return AlertRegister(project.open_store(), AlertHandling(project.state_path), rulebook())


def _print(register: AlertRegister, entry: AlertEntry, as_json: bool) -> None:
    events = register.evidence(entry)
    if as_json:
        console.say_json({**entry.to_json(), "events": [vars(event) for event in events]})
        return
    alert, language = entry.alert, console.language()
    console.say(f"{entry.id}  {entry.rule.severity}  ", status_text(alert.status))
    console.say(entry.sentence(language))
    console.say(Message("Basis: {basis}", basis=entry.rule.basis))
    if not entry.rule.verified:
        console.say(Message("The text of this basis was not at hand."))
    if alert.owner:
        console.say(Message("Owner: {owner}", owner=alert.owner))
    if alert.cause:
        console.say(Message("Its cause has left with the event {event}.", event=alert.cause))
    for event in events:
        at = datetime.fromtimestamp(event.time, UTC)
        console.say(Message(
            "{at:%Y-%m-%d %H:%M} UTC  {kind}  {actor}  {event}", at=at, kind=event.kind, actor=event.actor,
            event=event.event,
        ))  # fmt: skip
    for step in alert.steps:
        console.say(Message(
            "{at:%Y-%m-%d %H:%M} UTC  {step} by {person}: {reason}", at=step.at, step=step.step, person=step.person,
            reason=step.reason,
        ))  # fmt: skip
