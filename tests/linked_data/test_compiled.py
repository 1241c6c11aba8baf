"""The fast path says what the reference says, or nothing: documents of ours, of others, and thousands of mutants.

The mutants are steered. Most change one thing to something of the same kind, so that they stay on the fast path and
put it to the test; the rest is what it must leave to the reference. Where the fast path answers, the reference must
answer too, in its strictest mode, and with the same canonical dataset.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from passport.errors import CanonicalizationLimit, PassportError
from passport.linked_data import compiled, compiled_context, jsonld, rdfc10
from passport.linked_data.contexts import PINNED, ContextLoader
from tests.conftest import CHECKOUT, skip_unless
from tests.each import each

NS = "https://example.org/ns#"
KINDS = "https://example.org/contexts/kinds"
BATTERY = "https://w3id.org/battery-passport/contexts/battery/v1"
V2 = "https://www.w3.org/ns/credentials/v2"

# A term of each kind that the fast path walks, and of each that it must leave alone.
CONTEXT_OF_KINDS = {
    "@version": 1.1,
    "id": "@id",
    "type": "@type",
    "ex": NS,
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "Thing": {"@id": NS + "Thing", "@context": {"inThing": {"@id": NS + "inThing", "@type": "xsd:decimal"}}},
    "Other": {"@id": NS + "Other", "@context": {"name": NS + "otherName", "part": {"@id": NS + "otherPart"}}},
    "Plain": NS + "Plain",
    "Kept": {"@id": NS + "Kept", "@context": {"@propagate": True, "kept": NS + "kept"}},
    "name": NS + "name",
    "label": {"@id": NS + "label", "@container": "@language"},
    "mass": {"@id": NS + "mass", "@type": "xsd:decimal"},
    "power": {"@id": NS + "power", "@type": "xsd:double"},
    "text": {"@id": NS + "text", "@type": "xsd:string"},
    "count": {"@id": NS + "count", "@container": "@set"},
    "part": {"@id": NS + "part", "@type": "@id"},
    "parts": {"@id": NS + "part", "@type": "@id", "@container": "@set"},
    "kind": {"@id": NS + "kind", "@type": "@vocab"},
    "free": {"@id": NS + "free", "@type": "@none"},
    "scoped": {"@id": NS + "scoped", "@context": {"name": NS + "scopedName", "inner": NS + "inner"}},
    "reset": {"@id": NS + "reset", "@context": None},
    "whole": {"@reverse": NS + "part", "@type": "@id"},
    "order": {"@id": NS + "order", "@container": "@list"},
    "claim": {"@id": NS + "claim", "@container": "@graph"},
    "entry": {"@id": NS + "entry", "@container": "@index"},
    "data": {"@id": NS + "data", "@type": "@json"},
    "german": {"@id": NS + "german", "@language": "de"},
    "right": {"@id": NS + "right", "@direction": "rtl"},
    "forgotten": None,
}
DOCUMENT_OF_KINDS = {
    "@context": KINDS,
    "id": "urn:x:s",
    "type": ["Plain", "Thing"],
    "inThing": "1.0",
    "name": ["a", 'b "quoted"\n', "a"],
    "label": {"en": "pack", "zh": ["电池包", "包"]},
    "mass": "1.50",
    "power": "1.50",
    "text": "t",
    "count": [1, 2, True],
    "part": {"type": "Other", "name": "inner", "part": {"name": "innermost", "mass": "2"}},
    "parts": ["urn:x:p", {"id": "urn:x:q"}, {"name": "blank"}, {"name": "blank"}],
    "kind": "Thing",
    "free": 7,
    "scoped": {"name": "n", "inner": {"name": "m", "inner": "i"}, "type": "Thing", "inThing": "3"},
}


def documents_of(vectors: Path) -> Iterator[dict]:
    for path in sorted((vectors / "w3c").glob("vc-di-*/**/*.json")):
        document = json.loads(path.read_bytes())
        if isinstance(document, dict) and "@context" in document:
            yield {key: value for key, value in document.items() if key != "proof"}


@pytest.fixture(scope="module")
def kinds(loader: ContextLoader) -> ContextLoader:
    return loader.extended({KINDS: {"@context": CONTEXT_OF_KINDS}})


@pytest.fixture(scope="module")
def peer() -> tuple[dict, ContextLoader]:
    """The credential that the JavaScript peer is raced with, and a loader that knows its context."""
    folder = CHECKOUT.parent / "shared" / "bench-peers" / "input"
    skip_unless(folder.is_dir(), "vectors", f"no input of the peer in {folder}")
    credential, context = (json.loads((folder / f"{name}.json").read_bytes()) for name in ("credential", "context"))
    return {**credential, "issuer": "did:example:issuer"}, PINNED.extended({credential["@context"][1]: context})


def held(document: dict, loader: ContextLoader) -> bool:
    """Whether the fast path took it; then the reference must agree."""
    walked = compiled.walk(document, loader=loader)
    if walked is None:
        return False
    reference = jsonld.reference(document, loader=loader, refuse_floats=True, refuse_unsigned=True)
    expected = rdfc10.canonicalize(reference)
    assert walked.canonical().lines == expected.lines
    assert walked.canonical_bytes() == expected.text.encode()
    assert sorted(walked.canonical().issued.values()) == sorted(expected.issued.values())
    assert rdfc10.canonicalize(walked.quads()).lines == expected.lines
    assert len(walked.quads()) == len(expected.lines)
    return True


# --- one at a time --------------------------------------------------------------------------------------------------


def test_documents_of_ours_take_the_fast_path(own_documents):
    assert len(own_documents) >= 5
    assert all(held(document, PINNED) for document in own_documents)


def test_the_peers_input_takes_the_fast_path(peer):
    assert held(*peer)


def test_every_kind_of_term_that_is_walked(kinds):
    assert held(DOCUMENT_OF_KINDS, kinds)


def test_documents_of_the_vectors_give_the_same_or_are_left_alone(vectors, vector_loader):
    taken = [held(document, vector_loader) for document in documents_of(vectors)]
    assert len(taken) >= 15
    assert any(taken)


@each("algorithm", ["sha256", "sha384"])
def test_labels_follow_the_hash_function(peer, algorithm):
    document, loader = peer
    walked = compiled.walk(document, loader=loader)
    expected = rdfc10.canonicalize(jsonld.reference(document, loader=loader), algorithm=algorithm)
    assert walked.canonical(algorithm).lines == expected.lines
    assert walked.canonical_bytes(algorithm) == expected.text.encode()


def test_nodes_that_look_alike_are_told_apart_by_the_whole_algorithm(kinds):
    twins = {"name": "twin", "part": {"name": "below"}}
    document = {"@context": KINDS, "parts": [twins, copy.deepcopy(twins), {**copy.deepcopy(twins), "mass": "1"}]}
    assert held(document, kinds)
    assert compiled.walk(document, loader=kinds).first_degree("sha256") is None


def test_a_type_that_was_read_in_an_outer_object_is_not_read_in_an_inner_one(kinds):
    fine = {"@context": KINDS, "id": "urn:x:s", "type": "Thing", "inThing": "1", "scoped": {"name": "n"}}
    assert held(fine, kinds)
    for inner in ({"inThing": "1"}, {"inThing": "1", "name": "n"}, {"id": "urn:x:i", "inThing": "1"}):
        document = {**fine, "scoped": inner}
        assert compiled.walk(document, loader=kinds) is None
        with pytest.raises(PassportError):
            jsonld.to_dataset(document, loader=kinds)


@each(
    "properties",
    [
        {"typo": "x"},
        {"forgotten": "x"},
        {"@id": "urn:x:s"},
        {"@type": "Thing"},
        {"@graph": []},
        {NS + "name": "absolute"},
        {"ex:name": "compact"},
        {"type": NS + "Thing"},
        {"type": "ex:Thing"},
        {"type": []},
        {"type": None},
        {"type": {"Thing": 1}},
        {"type": ["Thing", 1]},
        {"type": ["Thing", "Thing"]},
        {"id": None},
        {"id": "relative"},
        {"id": "ex:compact"},
        {"id": "_:b0"},
        {"id": "urn:x:with space"},
        {"id": "urn:x:next\u00a0space"},
        {"id": "urn:x:\ud800"},
        {"id": "relative-iri:x"},
        {"part": "ex:compact"},
        {"part": ""},
        {"part": 5},
        {"part": {"id": "ex:compact"}},
        {"part": {"id": 5}},
        {"part": {"@context": KINDS, "name": "x"}},
        {"kind": "Undefined"},
        {"kind": "forgotten"},
        {"kind": 5},
        {"name": None},
        {"name": []},
        {"name": ["a", None]},
        {"name": ["a", ["b"]]},
        {"name": 0.5},
        {"name": 1.0},
        {"name": 2**53},
        {"name": "relative-iri:x"},
        {"name": "\ud800"},
        {"name": ("a", "b")},
        {"name": {"@value": "x"}},
        {"name": {"@list": ["x"]}},
        {"power": 350},
        {"label": {"not a tag": "x"}},
        {"label": {"EN": "x"}},
        {"label": {"@none": "x"}},
        {"label": {"en": 5}},
        {"label": {"en": None}},
        {"label": {"en": []}},
        {"label": [{"en": "x"}]},
        {"whole": "urn:x:w"},
        {"order": ["a"]},
        {"claim": {"name": "x"}},
        {"entry": {"a": {"name": "x"}}},
        {"data": {"x": 1}},
        {"german": "x"},
        {"right": "x"},
        {"reset": {"id": "urn:x:r"}},
        {"@context": [KINDS, {"typo": NS + "typo"}]},
        {"@context": "https://example.org/contexts/unknown"},
        {"@context": []},
        {"@context": [None]},
        {"@context": [[KINDS]]},
        {"@context": None},
    ],
    ids=str,
)
def test_what_it_was_not_made_for_is_left_to_the_reference(kinds, properties):
    assert compiled.walk({"@context": KINDS, "id": "urn:x:s", "name": "n", **properties}, loader=kinds) is None


@each("document", [None, [], "x", {}, {"id": "urn:x:s"}, {1: 2}], ids=str)
def test_what_is_no_document_is_left_to_the_reference(document):
    assert compiled.walk(document) is None


def test_depth_is_bounded_well_within_that_of_json(kinds):
    document: dict = {"name": "x"}
    for _ in range(100):
        document = {"part": [document]}
    assert compiled.walk({"@context": KINDS, **document}, loader=kinds) is None


@each("bound", ["MAX_QUADS", "MAX_BLANK_NODES"])
def test_a_graph_that_is_too_large_is_refused_here_too(kinds, monkeypatch, bound):
    monkeypatch.setattr(rdfc10, bound, 9)
    document = {"@context": KINDS, "id": "urn:x:s", "parts": [{"name": str(number)} for number in range(10)]}
    graph = compiled.walk(document, loader=kinds)
    for question in (graph.canonical, graph.issued):
        with pytest.raises(CanonicalizationLimit):
            question()


def test_one_object_in_two_places_is_left_to_the_reference(kinds):
    shared = {"name": "x"}
    assert compiled.walk({"@context": KINDS, "part": shared, "scoped": shared}, loader=kinds) is None


@each(
    "context",
    [
        {"id": "@id", "type": "@type", "name": NS + "name", "@language": "en"},
        {"id": "@id", "type": "@type", "name": NS + "name", "@direction": "ltr"},
        {"id": "@id", "type": "@type", "name": NS + "name", "kind": "@type"},
        {"id": "@id", "type": "@type", "name": NS + "name", "value": "@value"},
        {"id": "@id", "name": NS + "name"},
        {"id": "@id", "type": "@type", "name": "_:name"},
        {"id": "@id", "type": "@type", "name": {"@id": NS + "name", "@type": "relative"}},
        {"id": "@id", "type": "@type", "name": {"@id": NS + "name", "@container": "@nonsense"}},
    ],
    ids=str,
)
def test_a_context_that_is_not_of_the_usual_kind_is_not_compiled(loader, context):
    other = loader.extended({"https://example.org/contexts/other": {"@context": context}})
    document = {"@context": "https://example.org/contexts/other", "id": "urn:x:s", "name": "x"}
    assert compiled.walk(document, loader=other) is None


def test_the_tables_of_two_loaders_are_kept_apart(loader):
    url = "https://example.org/contexts/same"
    for meaning in ("a", "b"):
        other = loader.extended({url: {"@context": {"id": "@id", "type": "@type", "name": NS + meaning}}})
        (quad,) = jsonld.to_dataset({"@context": url, "id": "urn:x:s", "name": "x"}, loader=other)
        assert quad.predicate == f"<{NS}{meaning}>"


def test_invented_words_and_combinations_do_not_fill_the_memory(kinds):
    chance = random.Random(7)
    document = {"@context": KINDS, "id": "urn:x:s", "name": "x"}
    for number in range(2000):
        types = chance.sample(["Thing", "Other", "Plain", "Kept"], k=chance.randint(1, 4))
        contexts = [KINDS] * (1 + number % 7)
        compiled.walk({**document, "@context": contexts, "type": types}, loader=kinds)
        compiled.walk({**document, "type": f"urn:x:{number}", f"word{number}": "x"}, loader=kinds)
    tables = [root.table for root in kinds.compiled.values() if root is not None]
    assert len(kinds.compiled) <= compiled_context.MAX_COMPILED
    for table in tables:
        assert len(table.states) <= compiled_context.MAX_STATES
        for state in table.states.values():
            assert len(state.terms) <= len(state.mappings)
            assert len(state.typed) <= compiled_context.MAX_TYPED


# --- thousands at a time --------------------------------------------------------------------------------------------

TEXTS = (
    *("", " ", "x", "1.50", "-0", '"', "\\", "a\nb", "a\tb", "\x00", "\x08\x0c\x7f"),
    *("\x85\u2028", "电池", "𝄞", "e\u0301", "@id", "urn:x:y"),
)
LINKS = (
    *("urn:x:y", "https://example.org/a#b", "did:key:z6Mk", "HTTPS://EXAMPLE.org/../x", "urn:x:%20", "x:y"),
    *("a+b-c.d:e", "urn:x:é"),
)
ODD_LINKS = ("", "x", "//h/p", "_:b", "urn:x: ", "urn:x:<y>", "ex:y", "xsd:y", "urn:x:\u2003", "@id", "é:x", "1:x")
ODD_VALUES = (
    *(None, 0.5, 1e400, 2**60, [], [[]], {"@value": "x"}, {"@id": "urn:x:y"}, "relative-iri:x", "\ud83d"),
    *({"typo": 1}, {"@context": V2}),
)


class Mutator:
    """Changes of one document, drawn from a seeded source of chance."""

    def __init__(self, chance: random.Random, terms: list[str]) -> None:
        self.chance, self.terms = chance, terms

    def mutant(self, document: dict) -> dict:
        document = copy.deepcopy(document)
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            change = self.chance.choices(*zip(*CHANGES, strict=True))[0]
            change(self, document)
        return document

    def objects(self, document: dict) -> list[dict]:
        objects, pending = [], [document]
        while pending:
            item = pending.pop()
            if isinstance(item, dict):
                objects.append(item)
                pending.extend(item.values())
            elif isinstance(item, list):
                pending.extend(item)
        return objects

    def place(self, document: dict, wanted: Callable[[Any], bool] = lambda _: True) -> tuple[Any, Any] | None:
        """An object or array, and a key or index in it with a value of that kind."""
        places = []
        for element in self.objects(document):
            for key, value in element.items():
                if key == "@context":
                    continue
                if wanted(value):
                    places.append((element, key))
                if isinstance(value, list):
                    places.extend((value, index) for index, item in enumerate(value) if wanted(item))
        return self.chance.choice(places) if places else None


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_link(value: Any) -> bool:
    return isinstance(value, str) and ":" in value and " " not in value


def another(values: tuple, wanted: Callable[[Any], bool] = lambda _: True) -> Callable[[Mutator, dict], None]:
    def change(mutator: Mutator, document: dict) -> None:
        place = mutator.place(document, wanted)
        if place:
            place[0][place[1]] = copy.deepcopy(mutator.chance.choice(values))

    return change


def drop(mutator: Mutator, document: dict) -> None:
    place = mutator.place(document)
    if place and len(place[0]) > 1:
        del place[0][place[1]]


def double(mutator: Mutator, document: dict) -> None:
    place = mutator.place(document)
    if place and isinstance(place[0], dict) and place[1] not in ("id", "type"):
        value = place[0][place[1]]
        values = value if isinstance(value, list) and value else [value]
        place[0][place[1]] = [*values, copy.deepcopy(values[0])]


def reorder(mutator: Mutator, document: dict) -> None:
    element = mutator.chance.choice(mutator.objects(document))
    items = list(element.items())
    mutator.chance.shuffle(items)
    element.clear()
    element.update(items)


def rename(mutator: Mutator, document: dict) -> None:
    place = mutator.place(document)
    if place and isinstance(place[0], dict):
        place[0][mutator.chance.choice(mutator.terms)] = place[0].pop(place[1])


def move(mutator: Mutator, document: dict) -> None:
    source, target = mutator.place(document), mutator.chance.choice(mutator.objects(document))
    if source:
        target[mutator.chance.choice(mutator.terms)] = copy.deepcopy(source[0][source[1]])


def unname(mutator: Mutator, document: dict) -> None:
    mutator.chance.choice(mutator.objects(document)).pop("id", None)


def name(mutator: Mutator, document: dict) -> None:
    identifier = mutator.chance.choice(LINKS)
    mutator.chance.choice(mutator.objects(document))["id"] = identifier


def retype(mutator: Mutator, document: dict) -> None:
    types = [term for term in mutator.terms if term[0].isupper()]
    element = mutator.chance.choice(mutator.objects(document))
    element["type"] = mutator.chance.sample(types, k=min(len(types), mutator.chance.randint(1, 2)))


def nest(mutator: Mutator, document: dict) -> None:
    place = mutator.place(document, lambda value: isinstance(value, dict))
    if place and isinstance(place[0], dict):
        place[0][place[1]] = {mutator.chance.choice(mutator.terms): place[0][place[1]]}


def contexts(mutator: Mutator, document: dict) -> None:
    urls = document["@context"] if isinstance(document["@context"], list) else [document["@context"]]
    document["@context"] = mutator.chance.choice((urls[:1], [*reversed(urls)], [*urls, V2], [*urls, BATTERY], urls * 2))


CHANGES = [
    (another(TEXTS, is_text), 6),
    (another(LINKS, is_link), 5),
    (another((0, 7, -1, 2**53 - 1, True, False)), 1),
    (another(ODD_LINKS, is_link), 1),
    (another(ODD_VALUES), 1),
    (another(({"en": "x"}, {"zh-hans": ["x", "y"]}, {"id": "urn:x:z"}, {"id": "urn:x:z", "type": "Thing"}, {})), 1),
    (drop, 5),
    (double, 5),
    (reorder, 3),
    (unname, 5),
    (name, 3),
    (rename, 2),
    (move, 2),
    (retype, 1),
    (nest, 1),
    (contexts, 1),
]


def fuzz(documents: list[dict], loader: ContextLoader, terms: list[str], count: int, seed: int) -> float:
    """Share of the mutants that the fast path took."""
    mutator = Mutator(random.Random(seed), terms)
    taken = 0
    for number in range(count):
        mutant = mutator.mutant(documents[number % len(documents)])
        try:
            taken += held(mutant, loader)
        except PassportError as error:
            raise AssertionError(f"the fast path took what the reference refuses: {json.dumps(mutant)}") from error
    return taken / count


def test_mutants_of_our_documents(own_documents):
    terms = [term for term in PINNED.load(BATTERY)["@context"] if term[0] != "@"]
    small = [document for document in own_documents if len(json.dumps(document)) < 9000]
    assert fuzz(small, PINNED, terms, 300, 1) > 0.5


def test_mutants_of_every_kind_of_term(kinds):
    assert fuzz([DOCUMENT_OF_KINDS], kinds, [t for t in CONTEXT_OF_KINDS if t[0] != "@"], 1500, 2) > 0.4


def test_mutants_of_the_peers_input(peer):
    document, loader = peer
    terms = [term for term in loader.load(document["@context"][1])["@context"] if term[0] != "@"]
    assert fuzz([document], loader, terms, 60, 3) > 0.5


def test_mutants_of_the_vectors(vectors, vector_loader):
    documents = [each for each in documents_of(vectors) if compiled.walk(each, loader=vector_loader)]
    terms = ["name", "description", "VerifiableCredential", "credentialSubject", "issuer", "validFrom", "evidence"]
    assert fuzz(documents, vector_loader, terms, 300, 4) > 0.4
