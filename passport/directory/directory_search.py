"""Finding enterprises in a directory: by name, code, role, region. Pure; every part that is given must fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from passport.directory.enterprise import fits_code
from passport.directory.listing import Directory, ListedIdentity
from passport.errors import MalformedDocument
from passport.texts import Message

MAX_TEXT = 200
PAGE = 50
_PARAMETERS = frozenset({"name", "code", "role", "region", "after", "format", "lang"})


@dataclass(frozen=True)
class DirectoryQuery:
    """What is looked for.

    :ivar name: part of a legal name in any language; :ivar code: identifier, DID, GTIN or plate code, exact.
    :ivar role: code of the list ``actorRole``; :ivar region: country, market or province.
    :ivar after: DID of the last one of the page before.
    """

    name: str = ""
    code: str = ""
    role: str = ""
    region: str = ""
    after: str = ""

    @classmethod
    def parse(cls, arguments: Mapping[str, str]) -> DirectoryQuery:
        """From the parameters of a request.

        :raises MalformedDocument: a text is too long, or there is a parameter that has no meaning here: a misspelt one
            would find everything.
        """
        if set(arguments) - _PARAMETERS:
            raise MalformedDocument(Message("unknown parameter"), expected=", ".join(sorted(_PARAMETERS)))
        texts = {name: (arguments.get(name) or "").strip() for name in ("name", "code", "role", "region", "after")}
        for name, text in texts.items():
            if len(text) > MAX_TEXT or "\0" in text:
                raise MalformedDocument(
                    name, expected=Message("at most {count} characters, none of them NUL", count=MAX_TEXT)
                )
        return cls(**texts)

    @property
    def is_empty(self) -> bool:
        return not (self.name or self.code or self.role or self.region)


@dataclass(frozen=True)
class FoundIdentities:
    """One page. :ivar next: ``after`` of the next page; None behind the last one."""

    items: tuple[ListedIdentity, ...]
    next: str | None


def find_identities(directory: Directory, query: DirectoryQuery, *, limit: int = PAGE) -> FoundIdentities:
    """The identities that fit, in the order of their DIDs."""
    fitting = (
        each for each in directory.identities.values() if each.enterprise.did > query.after and _fits(each, query)
    )
    items: list[ListedIdentity] = []
    for each in fitting:
        if len(items) == limit:
            return FoundIdentities(tuple(items), items[-1].enterprise.did)
        items.append(each)
    return FoundIdentities(tuple(items), None)


def _fits(listed: ListedIdentity, query: DirectoryQuery) -> bool:
    enterprise = listed.enterprise
    name = _plain(query.name)
    return (
        (not name or any(name in _plain(text) for text in enterprise.legal_name.values()))
        and (not query.code or fits_code(enterprise, query.code))
        and (not query.role or query.role in enterprise.roles)
        and (not query.region or query.region.upper() in enterprise.regions)
    )


def _plain(text: str) -> str:
    """The text without the difference of small and large, and of the wide letters that Chinese keyboards write."""
    return unicodedata.normalize("NFKC", text).casefold()
