import pytest

from passport.errors import UnsafeJsonLd
from passport.linked_data import jsonld, rdfc10, skolem
from tests.each import each

CONTEXT = "https://example.org/contexts/test"


def named(loader, **properties):
    return skolem.name_blank_nodes({"@context": CONTEXT, **properties}, loader=loader)


def test_a_document_without_blank_nodes_is_left_as_it_is(loader):
    document = {"@context": CONTEXT, "id": "urn:x:s", "name": "a", "part": {"id": "urn:x:p", "name": "b"}}
    result = skolem.name_blank_nodes(document, loader=loader)
    assert result.document is document
    assert not result.issued
    assert set(result.quads) == set(jsonld.to_dataset(document, loader=loader))


def test_every_blank_node_gets_a_name_that_parts_keep(loader):
    result = named(loader, name="root", count=[{"name": "one"}, {"name": "two", "count": {"partOf": "urn:x:w"}}, {}])
    assert len(result.issued) == 5
    assert result.document["id"].startswith(skolem.PREFIX)
    part = {**result.document, "count": result.document["count"][1]}
    assert set(skolem.quads_of(part, loader=loader)) < set(result.quads)


def test_the_graph_stays_the_same(loader):
    document = {"@context": CONTEXT, "part": [{"name": "a"}, {"name": "a"}], "partOf": {"name": "whole"}}
    result = skolem.name_blank_nodes(document, loader=loader)
    plain = rdfc10.canonicalize(jsonld.to_dataset(document, loader=loader))
    assert rdfc10.canonicalize(result.quads).lines == plain.lines


@each(
    "properties",
    [
        {"order": ["a"]},
        {"id": "urn:x:s", "order": ["a"]},
        {"id": "urn:x:s", "claim": {"id": "urn:x:i", "name": "i"}},
        {"part": "urn:bnid:b0"},
        {"name": "urn:bnid:b0"},
        {"typo": 1},
    ],
)
def test_what_cannot_be_named_or_would_get_lost_is_refused(loader, properties):
    with pytest.raises(UnsafeJsonLd):
        named(loader, **properties)
