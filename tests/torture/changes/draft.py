"""A file being changed, and where in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.torture.signed_world import LIST, Named, SignedWorld

NAMESPACE = "https://w3id.org/battery-passport/ns#"
CREDENTIALS = "https://www.w3.org/2018/credentials#"


@dataclass
class Draft:
    """A file being changed, and what it will be verified with.

    :param texts: changes of the text, made last.
    :param fetched: what was answered where a status list was asked for, by address.
    """

    world: SignedWorld
    named: Named
    document: Any
    about: str | None
    challenge: str | None
    domain: str | None
    texts: list[Callable[[str], str]] = field(default_factory=list)
    fetched: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        text = json.dumps(self.document)
        for change in self.texts:
            text = change(text)
        return text

    @property
    def members(self) -> list:
        """The members, as a list to be changed in place."""
        if not isinstance(self.document, dict) or "verifiableCredential" not in self.document:
            return [self.document]
        if not isinstance(self.document["verifiableCredential"], list):
            self.document["verifiableCredential"] = [self.document["verifiableCredential"]]
        return self.document["verifiableCredential"]

    def member(self, chance: Random, *, lists: bool | None = None) -> dict:
        """One member; ``lists`` wants only lists, or only credentials."""
        found = [each for each in self.members if isinstance(each, dict)]
        if lists is not None:
            found = [each for each in found if (LIST in str(each.get("type"))) is lists] or found
        return chance.choice(found or [{}])

    def original(self, chance: Random, **tags: Any) -> dict:
        return copy.deepcopy(chance.choice(self.world.of(**tags) or list(self.world.originals)).document)


def places(root: Any, wanted: Callable[[Any, Any], bool] = lambda _key, _value: True) -> list[tuple[Any, Any]]:
    """Every object or array in ``root`` with a key or index in it that is wanted."""
    found, pending = [], [root]
    while pending:
        item = pending.pop()
        if not isinstance(item, dict | list):
            continue
        for key, value in item.items() if isinstance(item, dict) else enumerate(item):
            if wanted(key, value):
                found.append((item, key))
            pending.append(value)
    return found


def place(chance: Random, root: Any, wanted: Callable[[Any, Any], bool] = lambda _key, _value: True) -> tuple[Any, Any]:
    return chance.choice(places(root, wanted) or [({"x": "x"}, "x")])


def claims(draft: Draft, chance: Random) -> Any:
    """What is changed by most kinds: a member without its proof, or one of its parts."""
    member = draft.member(chance, lists=False if chance.random() < 0.85 else None)
    content = {key: value for key, value in member.items() if key != "proof"}
    return chance.choice([member, content, content, member.get("credentialSubject") or member])
