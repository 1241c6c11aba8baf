"""One address has two spellings, with and without a slash at its end, and no third."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from passport.proofs.domains import is_for
from tests.each import each

ORIGIN = "https://verifier.example"


@each("expected", [ORIGIN, ORIGIN + "/"])
@each("given", [ORIGIN, ORIGIN + "/", ["https://other.example", ORIGIN + "/"]])
def test_a_slash_at_the_end_makes_no_difference(expected, given):
    assert is_for(given, expected)


@each(
    "given",
    [
        ORIGIN + "//", ORIGIN + "/a", ORIGIN + ":443", ORIGIN.upper(), "http://verifier.example", "verifier.example",
        ORIGIN + "?", " " + ORIGIN, "", None, [], [None], {}, 5, [[ORIGIN]],
    ],
)  # fmt: skip
def test_anything_else_is_another_verifier(given):
    assert not is_for(given, ORIGIN)


@given(st.text(max_size=12), st.text(max_size=12))
def test_two_domains_are_the_same_only_if_they_differ_by_one_slash(one, other):
    assert is_for(one, other) == (one in {other, other + "/", other.removesuffix("/")})
