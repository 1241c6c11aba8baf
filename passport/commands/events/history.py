"""``passport history``: the life of one pack as its accepted events tell it."""

from __future__ import annotations

import click

from passport.commands.events.event import find_pack
from passport.commands.terminal import console
from passport.credentials.wording import shortened
from passport.errors import UnknownPassport
from passport.lifecycle import History, Party, catalogue
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.events.histories import Histories
from passport.texts import Message


@click.command()
@click.argument("pack", metavar="ID")
@click.option("--on-chain", is_flag=True, help="In the order of acceptance, corrections as events of their own.")
@console.project_option
@console.command
def history(pack: str, on_chain: bool, project_folder: str | None, as_json: bool) -> None:
    """Show the history of a pack: its state, and its events by the time at which they happened.

    ID is an address, a pack code or a serial number. The state is derived from the events and stored nowhere. This is
    the operator's own store: all audiences at once.

    \b
    Examples:
      passport history https://passport.example.com/01/…/21/…
      passport history 001PE01A1B2C3DH7L0000042 --on-chain --json
    """
    project = Project.find(project_folder)
    store = project.open_store()
    subject = find_pack(store, pack, project)
    chain = Histories(store).of(subject)
    if not chain.links:
        raise UnknownPassport(Message("no event of {text} was accepted here", text=subject))
    if as_json:
        console.say_json(_described(chain, on_chain))
        return
    state, labels = chain.state, {code.code: code.label for code in catalogue().states.codes}
    console.say(subject)
    if state.label is not None:
        console.say_fact(Message("State"), console.spoken(dict(labels[state.label])), 12)
    for label, party in ((Message("Held by"), state.holder), (Message("Owned by"), state.owner)):
        if party is not None:
            console.say_fact(label, _party(party), 12)
    if state.status is not None:
        console.say_fact(Message("EU status"), state.status, 12)
    console.say_fact(Message("Events"), str(len(chain.links)), 12)
    late = {link.event.id for link in chain.links if link.late}
    events = [link.event for link in chain.links] if on_chain else list(chain.timeline)
    for event in events:
        name = console.spoken(dict(catalogue().kinds[event.kind].label))
        mark = Message("reported late") if event.id in late else ""
        console.say(f"  {event.instant.isoformat()}  ", console.pad(name, 24), "  ", shortened(event.actor), "  ", mark)


def _party(party: Party) -> str:
    return Message("a natural person") if party.did is None else shortened(party.did)


def _described(chain: History, on_chain: bool) -> JsonObject:
    state = chain.state
    by_id = {link.event.id: link for link in chain.links}
    events = [link.event for link in chain.links] if on_chain else list(chain.timeline)
    return {
        "pack": chain.pack,
        "state": {
            "label": state.label,
            "holder": state.holder and state.holder.did,
            "owner": state.owner and state.owner.did,
            "status": state.status,
            "legal": state.legal.value,
        },
        "head": None if chain.head is None else {"id": chain.head.id, "digest": chain.head.digest},
        "events": [
            {
                "id": event.id,
                "event": event.kind,
                "occurredAt": event.instant.isoformat(),
                "actor": event.actor,
                "digest": by_id[event.id].digest,
                "late": by_id[event.id].late,
            }
            for event in events
        ],
    }
