"""``passport alerts subscribe``, ``unsubscribe``, ``subscriptions`` and ``deliver``: signed webhooks for alerts."""

from __future__ import annotations

import getpass
from pathlib import Path
from urllib.parse import urlencode

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.identity.http_client import GuardedClient
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.oversight import alert_webhooks
from passport.oversight.alert_register import AlertEntry, AlertRegister
from passport.presenting.pack_events import readable_kinds
from passport.project import Project
from passport.store.state.alert_handling import AlertHandling
from passport.store.state.alert_subscriptions import AlertSubscriptions, MessageStatus
from passport.supervision.provinces import provinces
from passport.supervision.rulebook import SEVERITIES, rulebook
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience

#: The key that signs webhooks: of its own, so that a timer needs no key that issues.
WEBHOOK_KEY = Path("keys") / "webhook.pem"
_AUDIENCES = (Audience.CN_REGULATOR.value, Audience.MARKET_SURVEILLANCE.value)
_NOT_ALL_TAKEN = 3


@click.command()
@click.argument("url", metavar="URL")
@click.option("--as", "audience", type=click.Choice(_AUDIENCES), required=True, help="Whose alerts these are.")
@click.option("--severity", "severities", type=click.Choice(SEVERITIES), multiple=True, help="Only of this severity.")
@click.option("--rule", help="Only alerts of this rule.")
@click.option("--province", help="Only alerts from this province (ISO 3166-2).")
@click.option("--actor", metavar="DID", help="Only alerts that name this actor.")
@click.option("--allow-private", is_flag=True, help="URL may be a private or loopback address.")
@console.project_option
@console.command
def subscribe(
    url: str,
    audience: str,
    severities: tuple[str, ...],
    rule: str | None,
    province: str | None,
    actor: str | None,
    allow_private: bool,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Send new states of alerts to URL from now on, signed. `passport alerts deliver` sends them.

    What is unresolved now is not sent. The public key of the signatures is printed; the receiver checks by RFC 9421.

    \b
    Examples:
      passport alerts subscribe https://desk.example/hooks --as cn-regulator --severity high
      passport alerts subscribe http://127.0.0.1:9000/ --as cn-regulator --allow-private
    """
    for name, value, known in ((Message("rule"), rule, rulebook().rules), (Message("province"), province, provinces())):
        if value is not None and value not in known:
            raise UsageError(Message("there is no {name} {value}", name=name, value=value[:80]))
    project = Project.find(project_folder)
    chosen = {"severity": severities, "rule": rule, "province": province, "actor": actor}
    query = urlencode({name: value for name, value in chosen.items() if value}, doseq=True)
    subscription = alert_webhooks.new_subscription(
        url, query, audience, private=allow_private, person=getpass.getuser(), at=console.now()
    )
    key = _signer(project, make=True).public_key.did_key
    alert_webhooks.begin(_subscriptions(project), _register(project), subscription, _visible)
    if as_json:
        console.say_json({"id": subscription.id, "url": url, "query": query, "key": key})
    else:
        console.say(Message("Subscription {id} to {url}", id=subscription.id, url=url))
        console.say(Message("Signed by {key}", key=key))


@click.command()
@click.argument("subscription", metavar="SUBSCRIPTION")
@console.project_option
@console.command
def unsubscribe(subscription: str, project_folder: str | None, as_json: bool) -> None:
    """End SUBSCRIPTION. What waits for it is not sent any more.

    \b
    Example:
      passport alerts unsubscribe 3fa81c2e90b1
    """
    subscriptions = _subscriptions(Project.find(project_folder))
    if all(each.id != subscription or each.ended for each in subscriptions.all()):
        raise UsageError(
            Message("no subscription is named {id}", id=subscription[:80]),
            hint=Message("{command} lists them.", command="passport alerts subscriptions"),
        )
    subscriptions.end(subscription, console.now())
    if as_json:
        console.say_json({"ended": subscription})
    else:
        console.say(Message("Subscription {id} has ended", id=subscription))


@click.command("subscriptions")
@click.option("--dead", is_flag=True, help="List the messages that were given up instead.")
@console.project_option
@console.command
def list_subscriptions(dead: bool, project_folder: str | None, as_json: bool) -> None:
    """List subscriptions with the numbers of their messages, or the messages that were given up.

    \b
    Examples:
      passport alerts subscriptions
      passport alerts subscriptions --dead --json
    """
    subscriptions = _subscriptions(Project.find(project_folder))
    if dead:
        _print_dead(subscriptions, as_json)
        return
    counts = subscriptions.counts()
    listed = subscriptions.all()
    if as_json:
        console.say_json({"subscriptions": [
            {"id": each.id, "url": each.url, "query": each.query, "audience": each.audience,
             "private": each.private, "since": each.at.isoformat(), "by": each.person,
             "ended": each.ended.isoformat() if each.ended else None,
             "messages": {status: n for status, n in counts.get(each.id, {}).items() if status != "known"}}
            for each in listed
        ]})  # fmt: skip
        return
    if not listed:
        console.say(Message("no subscriptions"))
    for each in listed:
        of_each = counts.get(each.id, {})
        console.say(Message(
            "{id}  {state}  {delivered} delivered, {waiting} waiting, {dead} given up  {url}  {query}",
            id=each.id, state=Message("ended") if each.ended else Message("live"),
            delivered=of_each.get("delivered", 0), waiting=of_each.get("waiting", 0), dead=of_each.get("dead", 0),
            url=each.url, query=each.query,
        ))  # fmt: skip


@click.command("deliver")
@click.option("--again", is_flag=True, help="Let messages that were given up wait again first.")
@console.project_option
@console.command
def deliver_messages(again: bool, project_folder: str | None, as_json: bool) -> None:
    """Send what is new to each subscription, and try again what was not taken.

    Meant for a timer, each minute or so, after `passport supervise check`. A message that is not taken is tried again
    after a minute, then after four times as long, half a day at most; after ten attempts it is given up. Exit code 3: a
    message was not taken.

    \b
    Examples:
      passport alerts deliver --project shop
      passport alerts deliver --again --project shop --json
    """
    project, at = Project.find(project_folder), console.now()
    subscriptions = _subscriptions(project)
    revived = subscriptions.revive(at) if again else 0
    collected, report = 0, alert_webhooks.DeliveryReport()
    if any(each.ended is None for each in subscriptions.all()):
        collected = alert_webhooks.collect(subscriptions, _register(project), at=at, visible=_visible)
        report = alert_webhooks.deliver(subscriptions, GuardedClient(), _signer(project), at=at)
    if as_json:
        console.say_json({"collected": collected, "revived": revived, "delivered": report.delivered,
                          "failed": report.failed, "dead": report.dead})  # fmt: skip
    else:
        console.say(Message(
            "{collected} new; {delivered} delivered, {failed} to be tried again, {dead} given up", collected=collected,
            delivered=report.delivered, failed=report.failed, dead=report.dead,
        ))  # fmt: skip
    if report.failed or report.dead:
        raise SystemExit(_NOT_ALL_TAKEN)


def _print_dead(subscriptions: AlertSubscriptions, as_json: bool) -> None:
    dead = subscriptions.of_status(MessageStatus.DEAD)
    if as_json:
        console.say_json({"dead": [
            {"id": each.id, "subscription": each.subscription, "alert": each.alert, "attempts": each.attempts,
             "fault": each.fault, "since": each.done.isoformat() if each.done else None} for each in dead
        ]})  # fmt: skip
        return
    if not dead:
        console.say(Message("no message was given up"))
    for each in dead:
        console.say(Message(
            "{id}  alert {alert}  {attempts} attempts, the last: {fault}", id=each.id, alert=each.alert,
            attempts=each.attempts, fault=each.fault or "",
        ))  # fmt: skip


def _visible(audience: str, entry: AlertEntry) -> bool:
    """Whether an audience may read every event behind an alert."""
    code = Audience(audience)
    return code is Audience.CN_REGULATOR or entry.kinds <= readable_kinds(code)


def _subscriptions(project: Project) -> AlertSubscriptions:
    # Opening the record of alerts makes the file where it is missing.
    AlertHandling(project.state_path)
    return AlertSubscriptions(project.state_path)


def _register(project: Project) -> AlertRegister:
    return AlertRegister(project.open_store(), AlertHandling(project.state_path), rulebook())


def _signer(project: Project, *, make: bool = False) -> KeySigner:
    path = project.folder / WEBHOOK_KEY
    if make and not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        PrivateKey.generate(Algorithm.ED25519).save(path, None)
    return KeySigner(PrivateKey.load(path, None))
