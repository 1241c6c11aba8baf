"""JSON pointers, and the part of a document that some of them select.

A pointer (RFC 6901) names a place in the JSON, not in the graph. A selection holds what the pointers name, and of
every object on the way to it ``@context``, ``id`` and ``type``: without these the rest would not be the same
statements. Arrays keep the chosen entries, in order, without gaps. (VC Data Integrity ECDSA Cryptosuites 1.0,
sections 3.4.11 to 3.4.13)

The keys of a selection stand in the order of the document, whatever the order of the pointers: the same choice gives
the same bytes.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from typing import Any

from passport.errors import UsageError

_TOKEN = re.compile(r"(?:[^~/]|~[01])*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ALWAYS = frozenset({"@context", "id", "type", "@id", "@type"})
MAX_POINTERS = 10_000

_Tree = dict  # token -> _Tree; an empty one selects everything below


def parse(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a pointer; ``""`` names the whole document and has none.

    :raises UsageError: not an RFC 6901 pointer.
    """
    if pointer == "":
        return ()
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise UsageError("not a JSON pointer", expected="'' or a text that begins with '/'", found=repr(pointer)[:80])
    tokens = pointer[1:].split("/")
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise UsageError("not a JSON pointer", expected="'~0' for '~' and '~1' for '/'", found=repr(pointer)[:80])
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens)


def write(tokens: Iterable[str | int]) -> str:
    """The pointer with these reference tokens."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def resolve(document: Any, pointer: str) -> Any:
    """The value that a pointer names.

    :raises UsageError: there is none.
    """
    value = document
    for token in parse(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise UsageError("the pointer names nothing in the document", found=repr(pointer)[:120])
    return value


def select(document: dict, pointers: Iterable[str]) -> dict:
    """A copy of the selected part of ``document``; without pointers, its ``@context``, ``id`` and ``type``.

    :raises UsageError: a pointer is malformed or names nothing.
    """
    tree: _Tree | None = None
    for count, pointer in enumerate(pointers):
        if count >= MAX_POINTERS:
            raise UsageError("too many JSON pointers", expected=f"at most {MAX_POINTERS}")
        resolve(document, pointer)
        tree = _grow(tree, parse(pointer))
    return _pick(document, {"@context": {}} if tree is None else tree)


def _grow(tree: _Tree | None, tokens: tuple[str, ...]) -> _Tree:
    """``tree`` with one branch more. An empty tree selects everything already and stays as it is."""
    if not tokens or tree == {}:
        return {}
    grown = {} if tree is None else dict(tree)
    grown[tokens[0]] = _grow(grown.get(tokens[0]), tokens[1:])
    return grown


def _pick(value: Any, tree: _Tree) -> Any:
    if not tree:
        return copy.deepcopy(value)
    if isinstance(value, list):
        return [_pick(value[index], tree[str(index)]) for index in sorted(int(token) for token in tree)]
    return {
        key: _pick(child, tree[key]) if key in tree else copy.deepcopy(child)
        for key, child in value.items()
        if key in tree or key in _ALWAYS
    }
