"""RDFC-1.0 against the tests of its working group, and against pyoxigraph on graphs made up by hypothesis."""

import csv
import json
import random
import subprocess
import sys

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import CanonicalizationLimit, UsageError
from passport.linked_data import nquads, rdfc10
from passport.linked_data.nquads import Quad
from tests.conftest import example_count
from tests.each import each

# The numbers that the suite leaves out, and the test that must fail.
NEGATIVE = "test074"
ABSENT = {7, 12, 15, 31, 32, 37, 41, 42, 49, 50, 51, 52}
EVALUATION = [f"test{n:03}" for n in range(1, 78) if n not in ABSENT and f"test{n:03}" != NEGATIVE]


@pytest.fixture(scope="module")
def suite(vectors):
    folder = vectors / "w3c" / "rdf-canon"
    with open(folder / "manifest.csv", newline="") as file:
        rows = {row["test"]: row for row in csv.DictReader(file)}
    return folder / "rdfc10", rows


def entry(suite, name):
    folder, rows = suite
    quads = nquads.parse((folder / f"{name}-in.nq").read_bytes().decode("utf-8"))
    return quads, {"SHA384": "sha384"}.get(rows[name]["hashAlgorithm"], "sha256")


def test_the_suite_is_whole(suite):
    folder, rows = suite
    assert set(rows) == {*EVALUATION, NEGATIVE}
    assert len(EVALUATION) == len(list(folder.glob("*-rdfc10.nq"))) == 64
    assert len(list(folder.glob("*-rdfc10map.json"))) == 21


@each("name", EVALUATION)
def test_canonical_form_and_issued_labels(suite, name):
    folder, _ = suite
    quads, algorithm = entry(suite, name)
    result = rdfc10.canonicalize(quads, algorithm=algorithm)
    assert result.text == (folder / f"{name}-rdfc10.nq").read_bytes().decode("utf-8")
    issued = folder / f"{name}-rdfc10map.json"
    if issued.exists():
        assert dict(result.issued) == json.loads(issued.read_bytes())


def test_the_poison_graph_is_refused(suite):
    quads, _ = entry(suite, NEGATIVE)
    with pytest.raises(CanonicalizationLimit) as refusal:
        rdfc10.canonicalize(quads)
    assert refusal.value.exit_code == 1


@each("size", [7, 12, 40])
def test_graphs_in_which_everything_is_joined_to_everything_are_refused(size):
    quads = [Quad(f"_:e{i}", "<x:p>", f"_:e{j}") for i in range(size) for j in range(size) if i != j]
    with pytest.raises(CanonicalizationLimit):
        rdfc10.canonicalize(quads)


@each("length", [400, 5000])
def test_a_ring_too_long_for_the_stack_is_refused(length):
    quads = [Quad(f"_:e{i}", "<x:p>", f"_:e{(i + 1) % length}") for i in range(length)]
    with pytest.raises(CanonicalizationLimit):
        rdfc10.canonicalize(quads)


def test_too_many_statements_or_nodes_are_refused_before_any_work(monkeypatch):
    monkeypatch.setattr(rdfc10, "MAX_QUADS", 3)
    quads = [Quad("<x:s>", "<x:p>", f'"{i}"') for i in range(4)]
    assert len(rdfc10.canonicalize(quads[:3]).lines) == 3
    with pytest.raises(CanonicalizationLimit, match="too large"):
        rdfc10.canonicalize(quads)
    monkeypatch.setattr(rdfc10, "MAX_BLANK_NODES", 1)
    with pytest.raises(CanonicalizationLimit, match="blank nodes"):
        rdfc10.canonicalize([Quad("_:a", "<x:p>", "_:b")])


def test_a_large_work_allowance_lets_a_harder_graph_through():
    quads = [Quad(f"_:e{i}", "<x:p>", f"_:e{j}") for i in range(4) for j in range(4) if i != j]
    with pytest.raises(CanonicalizationLimit):
        rdfc10.canonicalize(quads, max_work=10)
    assert len(rdfc10.canonicalize(quads).issued) == 4


def test_an_unknown_hash_function_is_refused():
    with pytest.raises(UsageError):
        rdfc10.canonicalize([], algorithm="md5")


def test_a_graph_without_blank_nodes_is_sorted_and_freed_of_duplicates():
    quads = [Quad("<x:s>", "<x:p>", '"b"'), Quad("<x:s>", "<x:p>", '"a"'), Quad("<x:s>", "<x:p>", '"b"')]
    result = rdfc10.canonicalize(quads)
    assert result.lines == ('<x:s> <x:p> "a" .\n', '<x:s> <x:p> "b" .\n')
    assert not result.issued


# Few nodes, few predicates: many of these graphs have nodes that only Hash N-Degree Quads tells apart.
blank = st.integers(0, 5).map("_:n{}".format)
resource = blank | st.sampled_from(["<x:a>", "<x:b>"])
quad = st.builds(
    Quad,
    resource,
    st.sampled_from(["<x:p>", "<x:q>"]),
    resource | st.sampled_from(['"1"', '"\\u0001"', '"x"@en']),
    st.sampled_from(["", "<x:g>"]) | blank,
)
graphs = st.lists(quad, max_size=14)


@settings(max_examples=example_count(60), deadline=None)
@given(graphs)
def test_the_same_as_pyoxigraph(quads):
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(nquads.serialize(quads).encode(), pyoxigraph.RdfFormat.N_QUADS))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    theirs = sorted(pyoxigraph.serialize(dataset, format=pyoxigraph.RdfFormat.N_QUADS).decode().split("\n")[:-1])
    ours = rdfc10.canonicalize(quads)
    assert [line[:-1] for line in ours.lines] == theirs


@settings(max_examples=example_count(40), deadline=None)
@given(graphs, st.randoms(use_true_random=False))
def test_labels_and_order_of_the_input_do_not_matter(quads, chance: random.Random):
    names = [f"n{i}" for i in range(6)]
    others = [f"m{i}" for i in range(6)]
    chance.shuffle(others)
    renamed = list(nquads.parse("".join(nquads.relabel(quads, dict(zip(names, others, strict=True))))))
    chance.shuffle(renamed)
    assert rdfc10.canonicalize(renamed).text == rdfc10.canonicalize(quads).text


@settings(max_examples=example_count(30), deadline=None)
@given(graphs)
def test_the_map_leads_from_the_input_to_the_canonical_form(quads):
    result = rdfc10.canonicalize(quads)
    assert sorted(set(nquads.relabel(quads, result.issued))) == list(result.lines)


def test_documents_may_share_one_budget_and_what_they_spent_is_gone():
    twins = nquads.parse("".join(f"_:a{n} <https://example.org/p> _:b{n} .\n" for n in range(4)))
    plain = nquads.parse("<https://example.org/s> <https://example.org/p> <https://example.org/o> .\n")
    enough = next(limit for limit in range(1, 2000) if _fits(twins, limit))
    with rdfc10.shared_work(enough):
        rdfc10.canonicalize(twins)
        with pytest.raises(CanonicalizationLimit):
            rdfc10.canonicalize(twins)
        rdfc10.canonicalize(plain)
    rdfc10.canonicalize(twins)


def _fits(quads, limit: int) -> bool:
    try:
        with rdfc10.shared_work(limit):
            rdfc10.canonicalize(quads)
    except CanonicalizationLimit:
        return False
    return True


def test_a_poison_graph_is_refused_within_a_second_and_200_megabytes(vectors):
    """In a process of its own: the operating system counts its seconds and its memory, and stops it beyond."""
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (3, 3))\n"
        "from passport.errors import CanonicalizationLimit\n"
        "from passport.linked_data import nquads, rdfc10\n"
        "quads = nquads.parse(open(sys.argv[1], encoding='utf-8').read())\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_utime\n"
        "try:\n    rdfc10.canonicalize(quads)\n"
        "except CanonicalizationLimit:\n    print('refused')\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_utime - before < 1)\n"
        # Not ru_maxrss: that begins with what the process held that started this one.
        "print(int(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]) < 200_000)\n"
    )
    poison = vectors / "w3c" / "rdf-canon" / "rdfc10" / "test074-in.nq"
    done = subprocess.run([sys.executable, "-c", code, str(poison)], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, ["refused", "True", "True"]), done.stderr
