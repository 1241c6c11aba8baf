"""Safe expansion: what plain JSON-LD would drop, resolve or round is refused; the rest is the graph that pyld makes."""

import json
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyld import jsonld as pyld

from passport.errors import DocumentError, MalformedDocument, UnknownContext, UnsafeJsonLd
from passport.linked_data import jsonld, nquads, rdfc10
from passport.linked_data.contexts import PINNED
from tests.conftest import example_count
from tests.each import each

CONTEXT = "https://example.org/contexts/test"
V2 = "https://www.w3.org/ns/credentials/v2"
XSD = "^^<http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
S, NS = "<urn:x:s>", "https://example.org/ns#"


def lines(loader, properties, **options):
    document = {"@context": CONTEXT, "id": "urn:x:s", **properties}
    return rdfc10.canonicalize(jsonld.to_dataset(document, loader=loader, **options)).lines


def values(loader, key, value, **options):
    return [line.split(" ", 2)[2][:-3] for line in lines(loader, {key: value}, **options)]


# --- what is kept ---------------------------------------------------------------------------------------------------


@each(
    ("key", "value", "term"),
    [
        ("name", "Traktionsbatterie", '"Traktionsbatterie"'),
        ("name", 'two\nlines "quoted"', '"two\\nlines \\"quoted\\""'),
        ("label", {"EN": "pack"}, '"pack"@en'),
        ("name", {"@value": "包", "@language": "zh"}, '"包"@zh'),
        ("mass", "1.50", f'"1.50"{XSD}decimal>'),
        ("voltage", "1.50", f'"1.50"{XSD}double>'),  # pyld would make it 1.5E0
        ("voltage", 350, f'"3.5E2"{XSD}double>'),
        ("count", 7, f'"7"{XSD}integer>'),
        ("count", True, f'"true"{XSD}boolean>'),
        ("count", 1.0, f'"1"{XSD}integer>'),
        ("count", 1e21, f'"1.0E21"{XSD}double>'),
        ("count", 0.1, f'"1.0E-1"{XSD}double>'),
        ("count", 12.345, f'"1.2345E1"{XSD}double>'),
        ("made", "2026-11-21", f'"2026-11-21"{XSD}date>'),
        ("part", "https://example.org/p/1", "<https://example.org/p/1>"),
        ("kind", "Thing", f"<{NS}Thing>"),
        ("data", {"b": [1, None, 0.5], "a": "ü"}, '"{\\"a\\":\\"ü\\",\\"b\\":[1,null,0.5]}"^^' + f"<{RDF}JSON>"),
    ],
)
def test_a_value_keeps_its_lexical_form(loader, key, value, term):
    assert values(loader, key, value) == [term]


def test_a_set_is_without_duplicates_and_order(loader):
    assert values(loader, "name", ["b", "a", "b"]) == ['"a"', '"b"']


def test_lists_reversed_and_included_nodes_and_graphs(loader):
    assert lines(loader, {"order": []}) == (f"{S} <{NS}order> <{RDF}nil> .\n",)
    chain = (
        f'{S} <{NS}order> _:x .\n_:x <{RDF}first> "a" .\n_:x <{RDF}rest> _:y .\n'
        f'_:y <{RDF}first> "b" .\n_:y <{RDF}rest> <{RDF}nil> .\n'
    )
    assert lines(loader, {"order": ["a", "b"]}) == rdfc10.canonicalize(nquads.parse(chain)).lines
    assert lines(loader, {"partOf": "urn:x:whole"}) == (f"<urn:x:whole> <{NS}part> {S} .\n",)
    assert lines(loader, {"included": {"id": "urn:x:i", "name": "i"}}) == (f'<urn:x:i> <{NS}name> "i" .\n',)
    assert lines(loader, {"claim": {"id": "urn:x:i", "name": "i"}}) == (
        f'<urn:x:i> <{NS}name> "i" _:c14n0 .\n',
        f"{S} <{NS}claim> _:c14n0 .\n",
    )
    assert lines(loader, {"name": "outside", "graph": [{"id": "urn:x:i", "name": "i"}]}) == (
        f'<urn:x:i> <{NS}name> "i" {S} .\n',
        f'{S} <{NS}name> "outside" .\n',
    )


# --- what is refused ------------------------------------------------------------------------------------------------


@each(
    ("properties", "complaint"),
    [
        ({"typo": "x"}, "typo"),
        ({"part": {"id": "urn:x:p", "typo": "x"}}, "typo"),
        ({"forgotten": "x"}, "mapped to null"),
        ({"@ignored": "x"}, "mapped to null"),
        ({"type": "Undefined"}, "type that no context defines: 'Undefined'"),
        ({"type": ["Thing", "Undefined"]}, "Undefined"),
        ({"part": "n/a"}, "relative IRI.*n/a"),
        ({"part": "//example.org/x"}, "relative IRI"),
        ({"part": ""}, "relative IRI"),
        ({"part": {"id": "relative"}}, "relative IRI"),
        ({"part": {"id": "@ignored"}}, "no IRI"),
        ({"kind": "Undefined"}, "relative IRI"),
        ({"part": "relative-iri://relative/x"}, "reserved"),
        ({"part": "urn:x:a> <urn:x:p> <urn:x:b"}, "no absolute IRI"),
        ({"part": "urn:x:with space"}, "no absolute IRI"),
        ({"urn:x:with space": "x"}, "no context defines"),
        ({"part": "_:b0"}, "blank node identifier"),
        ({"part": {"id": "_:b0"}}, "blank node identifier"),
        ({"type": "_:t"}, "blank node identifier"),
        ({"_:p": "x"}, "blank node"),
        ({"count": 2**53}, "too large"),
        ({"count": -(10**30)}, "too large"),
        ({"label": {"not a tag": "x"}}, "language tag"),
        ({"name": {"@value": "x", "@language": "de--at"}}, "language tag"),
        ({"name": {"@value": "x", "@type": "relative"}}, "datatype"),
        ({"@context": {"typo": NS + "typo"}, "typo": "x"}, "contains an inline context"),
        ({"@context": [CONTEXT, {"@vocab": NS}]}, "contains an inline context"),
        ({"part": {"@context": {"@vocab": NS}, "typo": "x"}}, "contains an inline context"),
        ({"part": {"@context": None, "name": "x"}}, "contains an inline context"),
    ],
)
def test_what_would_get_lost_or_bent_is_refused(loader, properties, complaint):
    with pytest.raises(UnsafeJsonLd, match=complaint):
        lines(loader, properties)


@each(
    "properties",
    [
        {"@context": "https://example.org/contexts/unknown"},
        {"@context": [CONTEXT, "https://example.org/contexts/unknown"]},
        {"part": {"@context": "https://example.org/contexts/unknown", "id": "urn:x:p"}},
        {"@context": "context.jsonld"},
    ],
)
def test_an_unknown_context_is_refused(loader, properties):
    with pytest.raises(UnknownContext):
        lines(loader, properties)


def test_a_context_that_a_pinned_context_imports_must_be_pinned_too(loader):
    outer = "https://example.org/contexts/outer"
    with pytest.raises(UnknownContext):
        extended = loader.extended({outer: {"@context": ["https://example.org/contexts/unknown"]}})
        jsonld.to_dataset({"@context": outer, "id": "urn:x:s"}, loader=extended)


@each(
    "document",
    [
        [],
        "https://example.org/",
        None,
        {"@context": CONTEXT, "id": 5},
        {"@context": CONTEXT, "id": ["urn:x:s"]},
        {"@context": CONTEXT, "type": 5},
        {"@context": CONTEXT, "type": {"id": "x"}},
        {"@context": CONTEXT, "name": {"@value": {"a": 1}}},
        {"@context": CONTEXT, "name": {"@value": "x", "@type": "xsd:date", "@language": "en"}},
        {"@context": CONTEXT, "label": {"en": 5}},
        {"@context": CONTEXT, "included": "text"},
        {"@context": CONTEXT, "partOf": {"@value": "x"}},
        {"@context": CONTEXT, "id": "urn:x:a", "@id": "urn:x:b"},
        {"@context": [V2, CONTEXT], "id": "urn:x:s"},  # CONTEXT redefines protected terms
        {1: "x"},
    ],
)
def test_what_is_no_json_ld_is_refused_in_our_words(loader, document):
    with pytest.raises(DocumentError):
        jsonld.to_dataset(document, loader=loader)


def test_deep_nesting_is_refused(loader):
    document = {"id": "urn:x:0"}
    for i in range(2000):
        document = {"id": f"urn:x:{i}", "part": document}
    with pytest.raises(MalformedDocument, match="deep"):
        jsonld.to_dataset({"@context": CONTEXT, **document}, loader=loader)


@each("value", [0.5, 1.0, {"@value": 0.5}, [1, 2.5]])
def test_an_issuer_refuses_floats(loader, value):
    assert lines(loader, {"count": value})
    with pytest.raises(UnsafeJsonLd, match="fraction"):
        lines(loader, {"count": value}, refuse_floats=True)


@each(
    "properties",
    [{"count": None}, {"name": []}, {"name": {"@value": "x", "@direction": "rtl"}}, {"label": {"en": None}}],
)
def test_an_issuer_refuses_what_a_graph_cannot_carry(loader, properties):
    lines(loader, properties)
    with pytest.raises(UnsafeJsonLd):
        lines(loader, properties, refuse_unsigned=True)


def test_blank_node_identifiers_are_accepted_on_request_and_do_not_collide(loader):
    result = lines(loader, {"part": [{"id": "_:b0", "name": "a"}, {"name": "b"}, "_:b0"]}, allow_blank_node_ids=True)
    assert len(result) == 4


# --- the same graph as plain JSON-LD --------------------------------------------------------------------------------


def plain(document, loader):
    options = {"documentLoader": lambda url, _: {"contextUrl": None, "documentUrl": url, "document": loader.load(url)}}
    quads = nquads.parse(pyld.to_rdf(document, {**options, "format": "application/n-quads"}))
    return rdfc10.canonicalize(quads).lines


@each(
    "name",
    [
        "vc-di-ecdsa/unsigned.json",
        "vc-di-ecdsa/employmentAuth.json",
        "vc-di-ecdsa/ecdsa-rdfc-2019-p256/signedECDSAP256.json",
        "vc-di-ecdsa/ecdsa-sd-2023/employ/addSignedSDBase.json",
        "vc-di-eddsa/unsigned.json",
        "vc-di-eddsa/eddsa-rdfc-2022/signedDataInt.json",
    ],
)
def test_a_vector_is_the_same_graph_as_in_pyld(vectors, vector_loader, name):
    document = json.loads((vectors / "w3c" / name).read_bytes())
    quads = jsonld.to_dataset(document, loader=vector_loader)
    assert rdfc10.canonicalize(quads).lines == plain(document, vector_loader)


names = st.sampled_from(["a", "b", "ü\n"])
iris = st.sampled_from(["urn:x:1", "urn:x:2", "https://example.org/3"])
LEAVES = {
    "id": iris,
    "type": st.lists(st.sampled_from(["Thing", "urn:x:T"]), min_size=1, max_size=2),
    "name": names | st.lists(names, max_size=2) | st.none(),
    "label": st.dictionaries(st.sampled_from(["en", "zh", "de-AT"]), names),
    "mass": names,
    "count": st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    "made": names,
    "parts": st.lists(iris, max_size=3),
    "partOf": iris,
    "data": st.lists(names, max_size=2),
}
nodes = st.recursive(
    st.fixed_dictionaries({}, optional=LEAVES),
    lambda inner: st.fixed_dictionaries(
        {"id": iris},
        optional={
            "part": inner | st.lists(inner, max_size=2),
            "order": st.lists(names | inner, max_size=2),
            "claim": inner,
            "included": inner.map(lambda node: {**node, "name": "a"}),
        },
    ),
    max_leaves=4,
)


@settings(max_examples=example_count(60), deadline=None)
@given(nodes)
def test_any_document_is_the_same_graph_as_in_pyld(loader, node):
    document = {"@context": CONTEXT, **node}
    quads = jsonld.to_dataset(document, loader=loader)
    assert rdfc10.canonicalize(quads).lines == plain(document, loader)


KEYWORDS = "@id @type @value @language @list @set @graph @reverse @included @index @context @direction @nest @none"
KEYS = "@vocab @foo x _:p urn:x:p id type name label part parts partOf order claim data kind count graph"
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
anything = st.recursive(
    scalars | iris | st.sampled_from(["_:a", "Thing"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYWORDS.split(), *KEYS.split()]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=example_count(160), deadline=None)
@given(anything)
def test_a_hostile_document_gets_quads_or_a_refusal_and_nothing_else(loader, value):
    document = {**value, "@context": CONTEXT} if isinstance(value, dict) else {"@context": CONTEXT, "part": value}
    try:
        quads = jsonld.to_dataset(document, loader=loader)
    except (DocumentError, UnknownContext):
        return
    # What comes out is well-formed N-Quads, statement for statement.
    assert nquads.parse(nquads.serialize(quads)) == quads


# --- loaders and threads --------------------------------------------------------------------------------------------


def test_two_loaders_with_the_same_url_do_not_see_each_others_context():
    url = "https://example.org/contexts/twice"
    first = PINNED.extended({url: {"@context": {"p": "urn:x:one"}}})
    two = PINNED.extended({url: {"@context": {"p": "urn:x:two"}}})
    document = {"@context": url, "p": "x"}
    assert jsonld.to_dataset(document, loader=first)[0].predicate == "<urn:x:one>"
    assert jsonld.to_dataset(document, loader=two)[0].predicate == "<urn:x:two>"
    with pytest.raises(UnknownContext):
        jsonld.to_dataset(document)


def test_expand_and_compact_are_inverse(loader):
    document = {"@context": CONTEXT, "id": "urn:x:s", "type": "Thing", "name": "a", "parts": ["urn:x:p"]}
    assert jsonld.compact(jsonld.expand(document, loader=loader), CONTEXT, loader=loader) == document
    with pytest.raises(UnsafeJsonLd):
        jsonld.expand({**document, "typo": 1}, loader=loader)
    with pytest.raises(UnsafeJsonLd):
        jsonld.compact([], {"@vocab": NS}, loader=loader)


def test_threads_share_a_loader(loader):
    failures = []

    def work(number):
        try:
            for i in range(10):
                assert values(loader, "name", f"{number}-{i}") == [f'"{number}-{i}"']
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_the_document_is_not_changed(loader):
    document = {"@context": CONTEXT, "id": "urn:x:s", "name": ["b", "a"], "part": {"name": "x"}}
    before = json.dumps(document)
    jsonld.to_dataset(document, loader=loader)
    assert json.dumps(document) == before
