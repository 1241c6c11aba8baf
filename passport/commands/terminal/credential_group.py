"""What ``passport grant`` and ``passport accredit`` share: credentials for a holder: given, listed, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from passport.commands.terminal import console
from passport.commands.terminal.destination import Destination
from passport.errors import MalformedDocument, UnknownRole, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import Store
from passport.texts import Message


class CredentialGroup(click.Group):
    """A group whose first word may also be a holder: ``passport grant HOLDER …`` is ``passport grant to HOLDER …``."""

    def parse_args(self, context: click.Context, words: list[str]) -> list[str]:
        if words and words[0] not in self.commands and words[0] not in context.help_option_names:
            words = ["to", *words]
        return super().parse_args(context, words)


def hand_over(document: JsonObject, output: Destination | None, as_json: bool, summary: Message) -> None:
    """A new credential: in a file, which ``summary`` describes, or on stdout.

    :param summary: one sentence; left out where the document itself is the output.
    """
    if output is not None:
        output.write(strict_json.dumps(document))
    if output is None or as_json:
        console.produce_json(document)
    else:
        console.say(summary)


def say_revoked(changed: Sequence[str], as_json: bool) -> None:
    """Which credentials were revoked just now, by their ids."""
    if as_json:
        console.say_json({"outcome": "revoked" if changed else "same", "credentials": list(changed)})
        return
    for credential in changed:
        console.say_fact(Message("revoked"), credential, 9)
    if not changed:
        console.say(Message("nothing to do: taken back before"))


def standing_of(store: Store, credential_id: str, until: datetime | None, at: datetime) -> str:
    """``revoked``, ``ended`` or ``valid``."""
    if store.is_flagged(credential_id):
        return "revoked"
    return "valid" if until is None or at < until else "ended"


def end_of(standing: str, until: datetime | None) -> Message:
    """The same for people, with the last day of what is valid."""
    if standing == "valid":
        return Message("until {end:%Y-%m-%d}", end=until) if until else Message("valid")
    return Message("revoked") if standing == "revoked" else Message("ended")


def id_in(path: str, kind: Message, missing: UnknownRole) -> str:
    """The id of the credential in a file.

    :param kind: what the file should hold.
    :param missing: what to raise where there is no such file.
    :raises UnknownRole: there is no such file.
    :raises UsageError: it holds no credential with an id.
    """
    if path != "-" and not Path(path).exists():
        raise missing
    try:
        document = strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is no {kind}: {error}", path=path, kind=kind, error=error)) from error
    name = document.get("id") if isinstance(document, dict) else None
    if not isinstance(name, str):
        raise UsageError(
            Message("{path} is no {kind}", path=path, kind=kind), expected=Message("a credential with an id")
        )
    return name
