import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import ProofError
from passport.proofs import cbor
from tests.each import each

values = st.recursive(
    st.integers(0, 2**64 - 1) | st.binary(max_size=300) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.integers(0, 2**40), inner, max_size=5),
    max_leaves=6,
)


@given(values)
def test_the_same_bytes_as_a_general_library_in_canonical_mode(value):
    try:
        decoded = cbor.decode(cbor2.dumps(value, canonical=True))
    except ProofError:  # deeper than proof values are
        return
    assert decoded == value
    assert cbor.encode(value) == cbor2.dumps(value, canonical=True)


def test_keys_in_another_order_are_read():
    assert cbor.decode(cbor2.dumps({2: b"b", 1: b"a"})) == {1: b"a", 2: b"b"}


@each(
    "data",
    [
        "",  # nothing
        "8101ff",  # bytes left over
        "82 01",  # bytes missing
        "58 05 00",
        "5b ffffffffffffffff 00",  # a length beyond everything
        "9b ffffffffffffffff",
        "9f 01 ff",  # indefinite lengths
        "5f 41 00 ff",
        "bf 01 02 ff",
        "7f ff",
        "18 05",  # not the shortest form
        "58 01 00",
        "19 00ff",
        "a2 01 02 01 03",  # a key twice
        "a1 61 61 01",  # a key that is no integer
        "20",  # -1
        "f6",  # null
        "f5",  # true
        "f9 3c00",  # 1.0
        "d8 40 41 00",  # tag 64, a typed array
        "c0 60",  # tag 0
        "61 ff",  # no UTF-8
        "1c",  # reserved
        "ff",
        "81" * 10 + "00",  # too deep
    ],
)
def test_what_a_proof_value_never_holds_is_refused(data):
    with pytest.raises(ProofError):
        cbor.decode(bytes.fromhex(data))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data):
    try:
        value = cbor.decode(data)
    except ProofError:
        return
    assert cbor2.loads(data) == value


@each("value", [1.5, None, {"a": 1}.keys(), 2**64, -(2**64) - 1])
def test_only_what_proof_values_hold_is_written(value):
    with pytest.raises(TypeError):
        cbor.encode(value)


def test_negative_integers_and_names_are_for_headers_of_cose_alone():
    header = cbor2.dumps({1: -7, "vendor": -(2**40)})
    assert cbor.decode(header, cbor.COSE) == {1: -7, "vendor": -(2**40)}
    with pytest.raises(ProofError):
        cbor.decode(header)
    assert cbor.encode(-7) == cbor2.dumps(-7)
    with pytest.raises(ProofError):
        cbor.decode(b"\x38\x05", cbor.COSE)  # not the shortest form
