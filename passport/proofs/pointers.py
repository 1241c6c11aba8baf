"""JSON pointers, and the part of a document that some of them select.

A pointer (RFC 6901) names a place in the JSON, not in the graph. A selection holds what the pointers name, and of
every object on the way to it ``@context``, ``id`` and ``type``: without these the rest would not be the same
statements. Arrays keep the chosen entries, in order, without gaps. (VC Data Integrity ECDSA Cryptosuites 1.0,
sections 3.4.11 to 3.4.13)

The keys of a selection have the order of the document, whatever the order of the pointers: the same choice gives
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from passport.errors import UsageError
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

_TOKEN = re.compile(r"(?:[^~/]|~[01])*")
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ALWAYS = frozenset({"@context", "id", "type", "@id", "@type"})
MAX_POINTERS = 10_000

Tree: TypeAlias = dict[str, "Tree | None"]


def parse(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a pointer; ``""`` names the whole document and has none.

    :raises UsageError: not an RFC 6901 pointer.
    """
    if pointer == "":
        return ()
    if not isinstance(pointer, str) or not pointer.startswith("/"):
        raise UsageError(
            Message("not a JSON pointer"),
            expected=Message("'' or a text that begins with '/'"),
            found=repr(pointer)[:80],
        )
    tokens = pointer[1:].split("/")
    if "~" not in pointer:
        return tuple(tokens)
    for token in tokens:
        if not _TOKEN.fullmatch(token):
            raise UsageError(
                Message("not a JSON pointer"),
                expected=Message("'~0' for '~' and '~1' for '/'"),
                found=repr(pointer)[:80],
            )
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
            raise UsageError(Message("the pointer names nothing in the document"), found=repr(pointer)[:120])
    return value


def select(document: JsonObject, pointers: Iterable[str]) -> JsonObject:
    """A copy of the selected part of ``document``; without pointers, its ``@context``, ``id`` and ``type``.

    :raises UsageError: a pointer is malformed or names nothing.
    """
    part: JsonObject = _pick(document, tree(document, pointers))
    return part


def tree(document: JsonObject, pointers: Iterable[str]) -> Tree | None:
    """The choice that these pointers make together: by token what is chosen below it, ``None`` for all of it.

    :raises UsageError: a pointer is malformed or names nothing.
    """
    root: Tree = {"": {}}  # one level above the document, so that the whole of it can be chosen like anything else
    for count, pointer in enumerate(pointers):
        if count >= MAX_POINTERS:
            raise UsageError(
                Message("too many JSON pointers"), expected=Message("at most {max_pointers}", max_pointers=MAX_POINTERS)
            )
        resolve(document, pointer)
        above, last = root, ""
        for token in parse(pointer):
            below = above[last]
            if below is None:  # chosen as a whole before
                break
            below.setdefault(token, {})
            above, last = below, token
        else:
            above[last] = None
    return root[""]


def is_whole(value: Any, choice: Tree | None) -> bool:
    """Whether a choice takes everything of a value.

    :param choice: from :func:`tree`.
    """
    if choice is None:
        return True
    if isinstance(value, list):
        return len(choice) == len(value) and all(is_whole(value[int(index)], below) for index, below in choice.items())
    return all(is_whole(child, choice[key]) if key in choice else key in _ALWAYS for key, child in value.items())


def share(document: JsonObject, choice: Tree | None, made: Callable[[JsonObject, JsonObject], None]) -> JsonObject:
    """As :func:`select`, but what is chosen whole is not copied: for looking at, not for handing out.

    :param choice: from :func:`tree`.
    :param made: told of each object that was made anew, and from which.
    """
    shared: JsonObject = _shared(document, choice, made)
    return shared


def _shared(value: Any, below: Tree | None, made: Callable[[JsonObject, JsonObject], None]) -> Any:
    if below is None:
        return value
    if isinstance(value, list):
        return [_shared(value[index], below[str(index)], made) for index in sorted(map(int, below))]
    part = {
        key: _shared(child, below[key], made) if key in below else child
        for key, child in value.items()
        if key in below or key in _ALWAYS
    }
    made(value, part)
    return part


def _pick(value: Any, below: Tree | None) -> Any:
    if below is None:
        return _copy(value)
    if isinstance(value, list):
        return [_pick(value[index], below[str(index)]) for index in sorted(map(int, below))]
    return {
        key: _pick(child, below[key]) if key in below else _copy(child)
        for key, child in value.items()
        if key in below or key in _ALWAYS
    }


def _copy(value: Any) -> Any:
    """A copy of a JSON value; ``copy.deepcopy`` knows of cycles and classes, and takes ten times as long."""
    if isinstance(value, dict):
        return {key: _copy(child) if isinstance(child, dict | list) else child for key, child in value.items()}
    if isinstance(value, list):
        return [_copy(child) for child in value]
    return value
