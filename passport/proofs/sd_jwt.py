"""Selective disclosure for JSON Web Tokens (SD-JWT, RFC 9901): which claims are hidden, and what a token shows.

* The issuer signs digests in place of what may be hidden: of a property in ``_sd`` of its object, of an array entry as
  ``{"...": digest}``. Name and value travel beside the token as a *disclosure* with a salt of 128 bits, without which
  a digest of a small value could be guessed.
* The holder leaves disclosures out. The verifier puts each disclosure in the place of its digest, and refuses a token
  in which a digest occurs twice, a disclosure has no place or two, or a name would overwrite another.
* A holder's key named in ``cnf`` signs a key-binding token over all of that, for one verifier and one occasion.

Written on bytes and values only; what may be hidden in a credential is decided in ``credentials.enveloping``.
"""

from __future__ import annotations

import copy
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.errors import MalformedDocument, ProofError, UsageError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose, pointers
from passport.texts import Message

MAX_DISCLOSURES = 10_000
HASHES: Mapping[str, str] = {"sha-256": "sha256", "sha-384": "sha384", "sha-512": "sha512"}

_RESERVED = frozenset({"_sd", "...", "_sd_alg"})


@dataclass(frozen=True)
class Presented:
    """A token in its parts.

    :param binding: the key-binding token; None where there is none.
    """

    issuer_token: str
    disclosures: tuple[str, ...]
    binding: str | None = None

    def __str__(self) -> str:
        return "~".join([self.issuer_token, *self.disclosures, self.binding or ""])

    @property
    def bound(self) -> bytes:
        """What a key-binding token is made over: everything before it, the last tilde included."""
        return "~".join([self.issuer_token, *self.disclosures, ""]).encode("ascii")


@dataclass(frozen=True)
class Revealed:
    """What a token shows.

    :param places: pointer into ``claims`` of each disclosure, in the order of the token.
    """

    claims: JsonObject
    places: tuple[str, ...]


def split(text: Any) -> Presented:
    """A token in its parts.

    :raises ProofError: not an SD-JWT, or one with too many disclosures.
    """
    if not isinstance(text, str) or len(text) > jose.MAX_LENGTH or not text.isascii():
        raise ProofError(
            Message("not an SD-JWT"),
            expected=Message("at most {max_length} ASCII characters", max_length=jose.MAX_LENGTH),
        )
    token, *rest = text.split("~")
    if not rest:
        raise ProofError(Message("not an SD-JWT"), expected=Message("a token and a tilde"))
    *disclosures, binding = rest
    if len(disclosures) > MAX_DISCLOSURES:
        raise ProofError(
            Message("too many disclosures"),
            expected=Message("at most {max_disclosures}", max_disclosures=MAX_DISCLOSURES),
            found=str(len(disclosures)),
        )
    if len(set(disclosures)) != len(disclosures):
        raise ProofError(Message("a disclosure occurs twice in the token"))
    return Presented(token, tuple(disclosures), binding or None)


# --- the issuer -----------------------------------------------------------------------------------------------------


def conceal(
    claims: JsonObject,
    hidden: Sequence[str],
    *,
    decoys: int = 0,
    salt: Callable[[], str] = lambda: jose.encode(secrets.token_bytes(16)),
) -> tuple[JsonObject, tuple[str, ...]]:
    """The payload to sign, and the disclosures that go with it.

    :param hidden: RFC 6901 pointers to properties and array entries that the holder may leave out.
    :param decoys: digests of nothing, added to each object that hides something, so that their number tells less.
    :raises UsageError: a pointer names nothing, or a claim has a name that RFC 9901 reserves.
    """
    strict_json.check_value(claims)
    _refuse_reserved(claims)
    payload = copy.deepcopy(claims)
    disclosures: list[str] = []
    paths = {pointers.parse(pointer): pointer for pointer in hidden}
    # From the inside out: what is hidden within something hidden is a digest in its disclosure.
    for path in sorted(paths, key=len, reverse=True):
        if not path:
            raise UsageError(Message("the whole of a token cannot be hidden"))
        pointers.resolve(claims, paths[path])
        parent = _at(payload, path[:-1])
        if isinstance(parent, dict):
            text = _disclosure([salt(), path[-1], _closed(parent.pop(path[-1]), decoys, salt)])
            parent.setdefault("_sd", []).append(_digest(text, "sha-256"))
        else:
            text = _disclosure([salt(), _closed(parent[int(path[-1])], decoys, salt)])
            parent[int(path[-1])] = {"...": _digest(text, "sha-256")}
        disclosures.append(text)
    return {**_closed(payload, decoys, salt), "_sd_alg": "sha-256"}, tuple(reversed(disclosures))


def _closed(value: Any, decoys: int, salt: Callable[[], str]) -> Any:
    """``value``, in which nothing more will be hidden."""
    for item in _objects(value):
        if "_sd" in item:
            item["_sd"] += [_digest(salt(), "sha-256") for _ in range(decoys)]
            item["_sd"].sort()  # by digest: the order of the claims would tell their names
    return value


# --- the verifier ---------------------------------------------------------------------------------------------------


def reveal(payload: JsonObject, disclosures: Iterable[str]) -> Revealed:
    """The claims that a verified payload and its disclosures show. (RFC 9901, section 7.1)

    :raises ProofError: a disclosure is malformed, has no place or two, or would overwrite a claim.
    """
    name = payload.get("_sd_alg", "sha-256")
    if not isinstance(name, str) or name not in HASHES:
        raise ProofError(
            Message("hash function of the disclosures"),
            expected=Message("one of {names}", names=", ".join(HASHES)),
            found=repr(name)[:40],
        )
    known: dict[str, tuple[int, list[Any]]] = {}
    for number, text in enumerate(disclosures):
        known[_digest(text, name)] = (number, _parsed(text))
    walk = _PayloadWalk(known)
    claims = walk.object({key: value for key, value in payload.items() if key != "_sd_alg"}, ())
    if len(walk.places) != len(known):
        raise ProofError(Message("a disclosure belongs to no digest of the token"))
    return Revealed(claims, tuple(walk.places[number] for number in sorted(walk.places)))


def select(presented: Presented, revealed: Revealed, keep: Sequence[str]) -> Presented:
    """The token with those disclosures that ``keep`` needs: what the pointers name, the way to it, and all below.

    :param keep: pointers into ``revealed.claims``.
    :raises UsageError: a pointer names nothing.
    """
    for pointer in keep:
        pointers.resolve(revealed.claims, pointer)
    wanted = [pointers.parse(pointer) for pointer in keep]
    chosen = []
    for text, place in zip(presented.disclosures, revealed.places, strict=True):
        path = pointers.parse(place)
        if any(path[: len(other)] == other or other[: len(path)] == path for other in wanted):
            chosen.append(text)
    return Presented(presented.issuer_token, tuple(chosen))


class _PayloadWalk:
    """One pass over a payload; each digest is met once."""

    def __init__(self, known: Mapping[str, tuple[int, list[Any]]]) -> None:
        self.known = known
        self.seen: set[str] = set()
        self.places: dict[int, str] = {}

    def value(self, value: Any, path: tuple[Any, ...]) -> Any:
        if len(path) > strict_json.MAX_DEPTH:
            raise ProofError(Message("the claims of the token are nested too deeply"))
        if isinstance(value, dict):
            return self.object(value, path)
        if isinstance(value, list):
            return self.array(value, path)
        return value

    def object(self, value: JsonObject, path: tuple[Any, ...]) -> JsonObject:
        digests = value.get("_sd", [])
        if not isinstance(digests, list) or not all(isinstance(digest, str) for digest in digests):
            raise ProofError(Message("_sd of the token"), expected=Message("a list of digests"))
        if "..." in value:
            raise ProofError(Message("'...' as a claim of the token"))
        shown = {key: self.value(item, (*path, key)) for key, item in value.items() if key != "_sd"}
        for digest in digests:
            disclosure = self.taken(digest)
            if disclosure is None:
                continue
            number, content = disclosure
            if len(content) != 3:
                raise ProofError(Message("a disclosure of an array entry where a property belongs"))
            name = content[1]
            if name in _RESERVED:
                raise ProofError(Message("a disclosure with a reserved name"), found=repr(name))
            if name in shown:
                raise ProofError(Message("a disclosure would overwrite a claim"), found=repr(name)[:80])
            self.places[number] = pointers.write((*path, name))
            shown[name] = self.value(content[2], (*path, name))
        return shown

    def array(self, value: list[Any], path: tuple[Any, ...]) -> list[Any]:
        shown: list[Any] = []
        for item in value:
            if not isinstance(item, dict) or "..." not in item:
                shown.append(self.value(item, (*path, len(shown))))
                continue
            digest = item["..."]
            if len(item) != 1 or not isinstance(digest, str):
                raise ProofError(
                    Message("a hidden array entry of the token"), expected=Message('{"...": digest} and nothing else')
                )
            disclosure = self.taken(digest)
            if disclosure is None:
                continue
            number, content = disclosure
            if len(content) != 2:
                raise ProofError(Message("a disclosure of a property where an array entry belongs"))
            place = (*path, len(shown))
            self.places[number] = pointers.write(place)
            shown.append(self.value(content[1], place))
        return shown

    def taken(self, digest: str) -> tuple[int, list[Any]] | None:
        if digest in self.seen:
            raise ProofError(Message("a digest occurs twice in the token"))
        self.seen.add(digest)
        return self.known.get(digest)


def digest_of(data: bytes, name: str) -> str:
    """``sd_hash`` of a key-binding token, by the hash function that the token names."""
    return jose.encode(hashlib.new(HASHES[name], data).digest())


def _digest(text: str, name: str) -> str:
    return digest_of(text.encode("ascii"), name)


def _disclosure(content: list[Any]) -> str:
    return jose.encode(strict_json.dumps(content))


def _parsed(text: str) -> list[Any]:
    try:
        content = strict_json.loads(jose.decode(text))
    except MalformedDocument as error:
        raise ProofError(Message("a disclosure of the token: {error}", error=error)) from error
    if not isinstance(content, list) or len(content) not in (2, 3) or not isinstance(content[0], str):
        raise ProofError(Message("a disclosure of the token"), expected=Message("[salt, name, value] or [salt, value]"))
    if len(content) == 3 and not isinstance(content[1], str):
        raise ProofError(Message("a disclosure whose name is no text"))
    return content


def _refuse_reserved(claims: JsonObject) -> None:
    for item in _objects(claims):
        if reserved := _RESERVED & item.keys():
            raise UsageError(Message("a claim with a name that SD-JWT reserves"), found=repr(min(reserved)))


def _objects(root: Any) -> Iterable[JsonObject]:
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _at(root: Any, path: tuple[Any, ...]) -> Any:
    value = root
    for token in path:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value
