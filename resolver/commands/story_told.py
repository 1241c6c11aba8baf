"""What ``passport demo --story`` says after it played the story: where to look, and how to check it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from passport.commands.terminal import console
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from resolver.addresses import address_of_events
from resolver.commands.story import StoryStage


def commands(stage: StoryStage, folder: Path, role: tuple[Path, Path]) -> dict[str, str]:
    """Ready-to-paste commands.

    :param role: files of the key and of the role credential of the reader who may see everything.
    """
    program, at_project = console.program(), f"--project {folder}"
    pack, base_url = stage.names["pack"], stage.project.base_url
    events = address_of_events(pack, base_url)
    receipt = next(iter(sorted((stage.actors["recycler"].project.folder / "out" / "receipts").glob("*.tlog-proof"))))
    presented = folder / "out" / "story-presentation.jsonld"
    key_path, role_path = role
    return {
        "directory": f"{program} directory search --role certificationBody {at_project}",
        "history": f"{program} history {pack} {at_project}",
        "audit": f"{program} log verify {at_project}",
        "receipt": f"{program} log check {receipt} {receipt.with_suffix('.jsonld')}"
        f" --log-key {stage.log_key} --witnesses 0",
        "challenge": f"curl -s -X POST {base_url}/challenge",
        "present": f"{program} present {role_path} --key {key_path} --domain {base_url} -o {presented}"
        " --challenge CHALLENGE",
        "token": f"curl -s {base_url}/token -d grant_type=vp_token --data-urlencode vp_token@{presented}",
        "events": f"curl -s -H 'Accept: application/json' -H 'Authorization: Bearer TOKEN' {events}",
    }


def document(stage: StoryStage, told: Mapping[str, str]) -> JsonObject:
    """The same as JSON."""
    return {
        "pack": stage.names["pack"],
        "successor": stage.names["cabinet"],
        "events": address_of_events(stage.names["pack"], stage.project.base_url),
        "actors": {name: actor.project.issuer for name, actor in stage.actors.items()},
        "authority": stage.authority.issuer,
        "logKey": stage.log_key,
        "commands": dict(told),
    }


def show(stage: StoryStage, told: Mapping[str, str]) -> None:
    """Print it."""
    console.say()
    console.say(Message("{title}", title=dict(stage.told["title"])))
    accepted = len(stage.store.event_chain(stage.names["pack"])) + len(stage.store.event_chain(stage.names["cabinet"]))
    console.say("  ", Message("{n} events of {m} actors, signed, accepted and logged", n=accepted, m=len(stage.actors)))
    for label, name in ((Message("Pack"), "pack"), (Message("Cabinet"), "cabinet")):
        console.say_fact(label, address_of_events(stage.names[name], stage.project.base_url), 12)
    console.say_fact(Message("Directory"), f"{stage.project.base_url}/directory", 12)
    console.say(Message("Find an enterprise in the directory"))
    console.say_command(told["directory"])
    console.say(Message("Look at the history, audit the log, check a receipt"))
    for name in ("history", "audit", "receipt"):
        console.say_command(told[name])
    console.say(Message("See all of it as China's regulator"))
    for name in ("challenge", "present", "token", "events"):
        console.say_command(told[name])
