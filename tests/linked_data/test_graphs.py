import rdflib

from passport.linked_data import graphs, nquads

XSD = "http://www.w3.org/2001/XMLSchema#"


def test_literals_keep_what_was_written():
    quads = nquads.parse(
        f'<x:s> <x:p> "01"^^<{XSD}integer> .\n<x:s> <x:p> "1.50"^^<{XSD}decimal> .\n'
        f'<x:s> <x:p> "about 350"^^<{XSD}decimal> .\n'
        '<x:s> <x:p> "包\\n"@zh .\n<x:s> <x:p> "plain" .\n_:b <x:p> <x:o> .\n'
    )
    graph = graphs.to_rdflib(quads)
    assert isinstance(graph, rdflib.Graph) and not isinstance(graph, rdflib.Dataset)
    literals = {(str(o), getattr(o, "datatype", None), getattr(o, "language", None)) for o in graph.objects()}
    assert literals == {
        ("01", rdflib.XSD.integer, None),
        ("1.50", rdflib.XSD.decimal, None),
        ("about 350", rdflib.XSD.decimal, None),
        ("包\n", None, "zh"),
        ("plain", None, None),
        ("x:o", None, None),
    }


def test_a_literal_that_looks_like_a_typed_one_stays_text():
    quads = nquads.parse('<x:s> <x:p> "\\"1\\"^^<x:t>" .\n<x:s> <x:p> "a\\"@en" .\n')
    assert {str(o) for o in graphs.to_rdflib(quads).objects()} == {'"1"^^<x:t>', 'a"@en'}


def test_named_graphs_make_a_dataset():
    quads = nquads.parse("<x:s> <x:p> <x:o> <x:g> .\n<x:s> <x:p> <x:o2> .\n<x:s> <x:p> <x:o3> _:g .\n")
    dataset = graphs.to_rdflib(quads)
    assert isinstance(dataset, rdflib.Dataset)
    assert len(dataset.graph(rdflib.URIRef("x:g"))) == 1
    assert len(dataset.graph(rdflib.BNode("g"))) == 1
    assert len(dataset.default_graph) == 1


def test_blank_nodes_of_two_documents_stay_apart():
    first = nquads.parse('<x:s> <x:p> _:b0 .\n_:b0 <x:name> "one" .\n')
    two = nquads.parse('<x:s> <x:p> _:b0 .\n_:b0 <x:name> "two" .\n')
    graph = graphs.merged([first, two])
    nodes = set(graph.objects(rdflib.URIRef("x:s"), rdflib.URIRef("x:p")))
    assert len(nodes) == 2
    assert [len(list(graph.objects(node, rdflib.URIRef("x:name")))) for node in nodes] == [1, 1]


def test_what_stands_in_a_named_graph_is_not_merged_into_the_statements():
    quads = nquads.parse("<x:s> <x:p> <x:o> <x:g> .\n<x:s> <x:p> <x:said> .\n<x:s> <x:p> <x:o2> _:g .\n")
    assert set(graphs.merged([quads]).objects()) == {rdflib.URIRef("x:said")}
