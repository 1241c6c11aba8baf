"""Search for passports by public data: code, maker, model, batch, category.

The words of a model come only from its public credential. Packs are looked up in the store by model, category and
code. When the store has changed, only models signed since are read again. Recycled packs are not found. The cursor of
a page is the address of the last pack, so every page costs the same. One request looks at no more than :data:`LOOKED`
packs: a page may hold fewer results than requested and still have a next page.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import unquote

from passport.errors import MalformedDocument
from passport.presenting.presenter import batch_of
from passport.store import Pack, Store
from passport.texts import Message
from passport.vocabulary.credential_types import MODEL
from passport.vocabulary.vocabulary import Category
from resolver.spellings import spellings
from resolver.tombstone import has_ceased

MAX_TEXT = 200
PAGE = 25
MAX_PAGE = 100
#: Packs that one request looks at. Each costs a question whether it was recycled.
LOOKED = 1000
#: Models that a database is asked for by name; it takes no more than some ten thousand values in one statement.
NAMED = 5000
_PARAMETERS = frozenset({"code", "maker", "model", "batch", "category", "limit", "after", "format", "lang"})


@dataclass(frozen=True)
class Query:
    """What is looked for; every part that is given must fit.

    :ivar code: plate code or serial number, with its dashes or without, or an exact address.
    :ivar maker: part of the maker's name or trade mark; :ivar model: part of the model's identifier or its GTIN.
    :ivar batch: identifier or address of a batch, exact.
    :ivar after: address of the last pack of the page before.
    """

    code: str | None = None
    maker: str | None = None
    model: str | None = None
    category: Category | None = None
    limit: int = PAGE
    after: str = ""
    batch: str | None = None

    @classmethod
    def parse(cls, arguments: Mapping[str, str]) -> Query:
        """From the parameters of a request.

        :raises MalformedDocument: a text is too long, the category or limit is none, or there is a parameter that
            is unknown: a misspelt one would find everything.
        """
        unknown = sorted(set(arguments) - _PARAMETERS)
        if unknown:
            raise MalformedDocument(Message("unknown parameter"), expected=", ".join(sorted(_PARAMETERS)))
        texts = {name: (arguments.get(name) or "").strip() for name in ("code", "maker", "model", "batch", "after")}
        for name, text in texts.items():
            if len(text) > MAX_TEXT * (2 if name == "after" else 1) or "\0" in text:
                raise MalformedDocument(
                    name, expected=Message("at most {count} characters, none of them NUL", count=MAX_TEXT)
                )
        category = (arguments.get("category") or "").strip()
        if category and category not in set(Category):
            raise MalformedDocument(Message("category"), expected=", ".join(Category))
        limit = arguments.get("limit", str(PAGE))
        if not (limit.isascii() and limit.isdecimal() and len(limit) <= 3 and 1 <= int(limit) <= MAX_PAGE):
            raise MalformedDocument(Message("limit"), expected=Message("{least} to {most}", least=1, most=MAX_PAGE))
        return cls(
            texts["code"] or None, texts["maker"] or None, texts["model"] or None,
            Category(category) if category else None, int(limit), texts["after"], texts["batch"] or None,
        )  # fmt: skip

    @property
    def is_empty(self) -> bool:
        return not (self.code or self.maker or self.model or self.batch or self.category)


@dataclass(frozen=True)
class Model:
    """What the public may know of a model by name."""

    subject: str
    identifier: str
    maker: str
    words: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """One page: packs with their models, and where the next page begins; None behind the last."""

    items: tuple[tuple[Pack, Model], ...]
    next: str | None


class Index:
    """Names of the models, read from the store; those that were signed since, when it has changed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._newest: int | None = None
        self._models: dict[str, Model] = {}

    def models(self) -> Mapping[str, Model]:
        """All models by subject IRI."""
        # Asked before the models are: what is stored meanwhile is read once more next time.
        newest = self._store.version()[0]
        with self._lock:
            if newest != self._newest:
                seen = self._newest
                changed = self._store.models() if seen is None else self._store.subjects_since(MODEL, seen)
                read = {
                    subject: _model(subject, stored.document["credentialSubject"])
                    for subject in changed
                    if (stored := self._store.current(subject, MODEL)) is not None
                }
                # A new dictionary: another thread may be walking through the old one.
                self._models = {**self._models, **read} if read else self._models
                self._newest = newest
            return self._models

    def find(self, query: Query) -> Found:
        """The packs that fit, in the order of their addresses."""
        models, wanted = self.models(), None
        if query.maker or query.model:
            wanted = {model.subject for model in models.values() if _fits(model, query)}
            if not wanted:
                return Found((), None)
        named = sorted(wanted) if wanted is not None and len(wanted) <= NAMED else None
        items: list[tuple[Pack, Model]] = []
        after, looked, more = query.after, 0, True
        while more and looked < LOOKED and len(items) <= query.limit:
            packs = self._store.find_packs(
                models=named, category=query.category, named=_names(query.code), after=after, limit=MAX_PAGE
            )
            more = len(packs) == MAX_PAGE
            for pack in packs:
                if len(items) > query.limit:
                    break
                after, looked = pack.subject, looked + 1
                known = pack.model in models and (wanted is None or pack.model in wanted)
                if known and self._is_of(query.batch, pack) and not has_ceased(self._store, pack.subject):
                    items.append((pack, models[pack.model]))
        shown = tuple(items[: query.limit])
        if len(items) > query.limit:
            return Found(shown, shown[-1][0].subject)
        return Found(shown, after if more else None)

    def _is_of(self, batch: str | None, pack: Pack) -> bool:
        """Whether a pack is of a batch, by its address or by the last part of it, which is the identifier."""
        if batch is None:
            return True
        address = batch_of(self._store, pack.subject)
        return address is not None and batch in (address, unquote(address.rsplit("/", 1)[-1]))


def _fits(model: Model, query: Query) -> bool:
    maker, name = _plain(query.maker or ""), _plain(query.model or "")
    return any(maker in word for word in model.words) and (not name or any(name in text for text in model.names))


def _names(code: str | None) -> tuple[str, ...] | None:
    """How a pack may be named: an address as it is; a code or serial number with its dashes or without."""
    if code is not None and "://" in code:
        return (code,)
    if code is None:
        return None
    return spellings(_wide(code))


def _model(subject: str, claims: Mapping[str, Any]) -> Model:
    maker, marks = claims.get("manufacturerName"), claims.get("registeredTrademark") or []
    identifier, gtin = claims.get("batteryModelIdentifier"), claims.get("gtin")
    words = [_plain(text) for text in (maker, *marks) if isinstance(text, str)]
    names = [_plain(text) for text in (identifier, gtin) if isinstance(text, str)]
    return Model(subject, str(identifier or ""), str(maker or ""), tuple(words) or ("",), tuple(names))


def _plain(text: str) -> str:
    """The text without the difference of small and large, and of the wide letters that Chinese keyboards write."""
    return _wide(text).casefold()


def _wide(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
