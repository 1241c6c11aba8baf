"""Other JSON for the same graph, or nearly the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

from passport.vocabulary.derivation.derived_context import CONTEXT
from tests.torture.changes.draft import CREDENTIALS, NAMESPACE, Draft, place, places

# --- respelled ------------------------------------------------------------------------------------------------------


def spellings(value: Any, chance: Random) -> Iterator[Any]:
    """Other JSON for a value, most of it the same graph."""
    yield from (
        [value],
        [value, copy.deepcopy(value)],
        {"@set": [value]},
        {"@list": [value]},
        {"@value": value},
        [value, None],
    )
    yield from ({"@set": value}, {"@value": value, "@type": None}, {"@none": value}, {"@graph": value})
    if isinstance(value, bool):
        yield from (
            str(value).lower(),
            int(value),
            str(int(value)),
            {"@value": str(value).lower(), "@type": "http://www.w3.org/2001/XMLSchema#boolean"},
        )
    elif isinstance(value, int):
        yield from (
            str(value),
            float(value),
            f"{value}.0",
            f"+{value}",
            f"0{value}",
            {"@value": value},
            {"@value": str(value), "@type": "http://www.w3.org/2001/XMLSchema#integer"},
        )
    elif isinstance(value, str):
        yield from (
            {"id": value},
            {"@id": value},
            {"@value": value, "@language": "en"},
            {"en": value},
            {"@none": value},
        )
        yield from ({"id": value, "type": []}, {"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#decimal"})
        yield from ({"@value": value, "@type": "http://www.w3.org/2001/XMLSchema#string"}, NAMESPACE + value)
        if value.replace(".", "", 1).isdigit():
            yield from (
                float(value),
                int(float(value)),
                f"{value}.0",
                f"{value}0",
                f"+{value}",
                f"0{value}",
                f"{value} ",
            )
    elif isinstance(value, list) and value:
        yield from (
            value[0],
            {"@set": value},
            {"@list": value},
            [*value, copy.deepcopy(value[0])],
            [*value, None],
            [value],
            value[::-1],
        )
    elif isinstance(value, dict):
        yield from ({**value, "@context": None}, {**value, "x": None}, {**value, "type": []}, {**value, "@index": "1"})
        yield from (
            [value, {"id": value.get("id")}],
            {"@included": [value]},
            {"@id": value.get("id"), **{k: v for k, v in value.items() if k != "id"}},
        )


def respelled(draft: Draft, chance: Random) -> None:
    member = draft.member(chance, lists=False if chance.random() < 0.85 else None)
    root = member if chance.random() < 0.7 else member.get("credentialSubject") or member
    holder, key = place(chance, root, lambda key, _: key != "verifiableCredential")
    holder[key] = copy.deepcopy(chance.choice(list(spellings(holder[key], chance))))


def null_added(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.member(chance), lambda _, value: isinstance(value, dict))
    root = draft.member(chance)
    target = chance.choice([holder[key], root])
    if isinstance(target, dict):
        names = (
            "name",
            "validUntil",
            "credentialStatus",
            "refreshService",
            "stateOfCharge",
            "warrantyPeriod",
            "typo",
            "id",
            "@id",
            "@type",
        )
        target[chance.choice(names)] = chance.choice((None, [], {}, [None], {"@set": []}, {"@value": None}))


def key_respelled(draft: Draft, chance: Random) -> None:
    """A key by another name of the same term: a keyword, an absolute IRI, a compact one."""
    holder, key = place(chance, draft.member(chance), lambda key, _: isinstance(key, str))
    if not isinstance(holder, dict):
        return
    names = {
        "id": ("@id",),
        "type": ("@type", "rdf:type", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        "proof": ("https://w3id.org/security#proof", "sec:proof"),
    }.get(
        key,
        (
            NAMESPACE + key,
            CREDENTIALS + key,
            f"cred:{key}",
            f"https://schema.org/{key}",
            f"@{key}",
            f"{key} ",
            key.upper(),
        ),
    )
    value = holder.pop(key) if chance.random() < 0.7 else copy.deepcopy(holder[key])
    holder[chance.choice(names)] = value


def node_split(draft: Draft, chance: Random) -> None:
    """Part of a node said in another place of the document."""
    member = draft.member(chance, lists=False)
    nodes = [
        item[key]
        for item, key in places(member, lambda key, value: isinstance(value, dict) and key != "proof")
        if item[key].get("id")
    ]
    nodes.append(member)
    node, other = chance.choice(nodes), chance.choice(nodes)
    keys = [key for key in node if key not in ("id", "@context", "proof")]
    if not keys or "id" not in node or node is other:
        return
    key = chance.choice(keys)
    part = {"id": node["id"], key: node.pop(key) if chance.random() < 0.8 else copy.deepcopy(node[key])}
    where = chance.choice(
        (*(name for name in other if isinstance(other[name], dict | str) and name not in ("id", "@context")), "name")
    )
    present = other.get(where)
    other[where] = part if chance.random() < 0.5 else [present, part] if present is not None else part


def languages(draft: Draft, chance: Random) -> None:
    holder, key = place(
        chance,
        draft.document,
        lambda _, value: isinstance(value, dict) and set(value) <= {"en", "zh", "de"} and bool(value),
    )
    value = holder[key]
    if not isinstance(value, dict) or not value:
        return
    language, text = next(iter(value.items()))
    holder[key] = chance.choice(
        (
            {language.upper(): text},
            {language: [text]},
            {"@none": text},
            [{"@value": text, "@language": language}],
            {"@value": text, "@language": language},
            {language: text, "@none": None},
            {language: text, "zh": None},
            {language: {"@value": text}},
            text,
            {language: text, "x-other": text},
            {f"{language}-": text},
            {"bp:": text},
            {language: text, "de": []},
        )
    )


def contexts(draft: Draft, chance: Random) -> None:
    member = draft.member(chance) if chance.random() < 0.8 else draft.document
    urls = member.get("@context") if isinstance(member, dict) else None
    urls = urls if isinstance(urls, list) else [urls]
    evil = {"@vocab": "https://evil.example.com/#"}
    redefined = {"stateOfCharge": NAMESPACE + "remainingCapacity"}
    extra = chance.choice(
        (
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://evil.example.com/v1",
            evil,
            {},
            redefined,
            None,
            "",
            CONTEXT,
            urls[0],
            "https://w3id.org/security/data-integrity/v2",
            [],
            {"@version": 1.1},
            {"@language": "en"},
            {"@base": "https://evil.example.com/"},
            {"@protected": False},
        )
    )
    if isinstance(member, dict):
        member["@context"] = chance.choice(
            (
                [*urls, extra],
                [extra, *urls],
                [*urls[:1], extra, *urls[1:]],
                urls[:1],
                urls[1:],
                urls[::-1],
                extra,
                [urls],
                [*urls, *urls],
                urls[0],
            )
        )


def inner_context(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda _, value: isinstance(value, dict))
    if isinstance(holder[key], dict):
        holder[key]["@context"] = chance.choice(
            (
                None,
                {},
                [],
                CONTEXT,
                [CONTEXT],
                "https://www.w3.org/ns/credentials/v2",
                {"@vocab": "https://evil.example.com/#"},
                {"@language": None},
            )
        )


def duplicate_value(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.member(chance), lambda _, value: isinstance(value, list) and value)
    if isinstance(holder[key], list) and holder[key]:
        holder[key].append(copy.deepcopy(chance.choice(holder[key])))


def list_reordered(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda key, value: isinstance(value, list) and key != "@context")
    if isinstance(holder[key], list):
        chance.shuffle(holder[key])


def keys_reordered(draft: Draft, chance: Random) -> None:
    holder, key = place(chance, draft.document, lambda _, value: isinstance(value, dict) and len(value) > 1)
    if isinstance(holder[key], dict):
        items = list(holder[key].items())
        chance.shuffle(items)
        holder[key] = dict(items)


def number_in_the_text(draft: Draft, chance: Random) -> None:
    """The same number in another notation: ``7.0``, ``7e0``, ``7E+0``, ``70e-1``."""
    holder, key = place(
        chance, draft.member(chance), lambda _, value: isinstance(value, int) and not isinstance(value, bool)
    )
    if not isinstance(holder[key], int):
        return
    number, mark = holder[key], f"@@{chance.randrange(10**9)}@@"
    holder[key] = mark
    form = chance.choice((f"{number}.0", f"{number}e0", f"{number}E+0", f"{number}0e-1", f"-{number}", f"{number}.00"))
    draft.texts.append(lambda text: text.replace(f'"{mark}"', form))


def key_twice(draft: Draft, chance: Random) -> None:
    """One key twice in an object, of which two parsers read different values."""
    seed = chance.random()

    def doubled(text: str) -> str:
        found = [at for at in range(1, len(text)) if text[at - 1] == "{" and text[at] == '"']
        if not found:
            return text
        at = found[int(seed * len(found))]
        key = text[at : text.index('"', at + 1) + 1]
        return f"{text[:at]}{key}: {('1', 'null', '[]', chr(34) * 2)[int(seed * 997) % 4]}, {text[at:]}"

    draft.texts.append(doubled)


def escaped_in_the_text(draft: Draft, chance: Random) -> None:
    """Escapes and white space that mean nothing to a parser."""
    form = chance.choice(("indent", "escape", "space"))
    draft.texts.append(
        {
            "indent": lambda text: json.dumps(json.loads(text), indent=3) if "@@" not in text else text,
            "escape": lambda text: text.replace("type", "t\\u0079pe", 3),
            "space": lambda text: text.replace(": ", " :\t\r\n "),
        }[form]
    )
