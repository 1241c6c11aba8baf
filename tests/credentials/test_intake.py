"""What people hand in: read where it can be read, and else called what it is."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.credentials import intake, unwrapping
from passport.credentials.envelopes import enveloping
from passport.errors import MalformedDocument, SeveralDocuments, UnreadableDocument
from passport.proofs import cose, jose
from tests.each import each


@each("key", ["vc+jwt", "vc+sd-jwt"])
def test_a_token_by_itself_is_put_into_its_envelope_and_verifies(world, key):
    plain = world.unsigned(credentialStatus=...)
    token = {
        "vc+jwt": lambda: enveloping.secure(plain, world.issuer, loader=world.loader),
        "vc+sd-jwt": lambda: enveloping.secure_selectively(plain, world.issuer, [], loader=world.loader),
    }[key]()
    handed_in = intake.take(f"  {token}\n".encode())
    assert handed_in.document["id"].startswith(f"data:application/{key},")
    assert handed_in.found == ()
    assert world.verify(handed_in.document).verified is True


@each("typ", ["JWT", "dc+jwt", "vc+ld+json+jwt", "application/vp+bbs"])
@each("write", [str, json.dumps, lambda token: json.dumps({"credential": token})])
def test_a_token_of_a_kind_that_is_not_known_could_not_be_checked(world, typ, write):
    token = jose.sign({"vc": {}}, world.issuer.signer, typ=typ)
    document = intake.read(write(token).encode())
    result = world.verify(document)
    assert result.verified is None
    assert typ.lower().removeprefix("application/") in result.check(1).detail


def test_an_sd_jwt_vc_of_a_kind_that_is_not_known_could_not_be_checked(world):
    token = jose.sign({"vct": "https://example.com/role"}, world.issuer.signer, typ="dc+sd-jwt") + "~"
    assert world.verify(intake.read(token.encode())).verified is None


def test_a_cose_message_of_a_kind_that_is_not_known_could_not_be_checked(world):
    data = cose.sign({}, world.issuer.signer, typ="application/cwt", content_type="x")
    result = world.verify(intake.read(data))
    assert result.verified is None
    assert "application/cwt" in result.check(1).detail
    with pytest.raises(UnreadableDocument):
        intake.read(b"\x84\x43\xa1\x01\x26\xa0\x40\x40")


def message(world) -> bytes:
    plain = world.unsigned(credentialStatus=...)
    return enveloping.secure_as_cose(plain, world.issuer, loader=world.loader)


@each(
    "written",
    [
        bytes,
        lambda data: data[1:],  # without its tag
        base64.b64encode,
        lambda data: b"  " + base64.b64encode(data) + b"\n",
        lambda data: enveloping.envelope(enveloping.VC_COSE, data)["id"].encode(),
        lambda data: json.dumps(enveloping.envelope(enveloping.VC_COSE, data)["id"]).encode(),
    ],
    ids=["bytes", "untagged", "base64", "base64 with blanks", "data: URL", "data: URL in quotes"],
)
def test_a_cose_message_by_itself_is_put_into_its_envelope_and_verifies(world, written):
    document = intake.read(written(message(world)))
    assert document["id"].startswith("data:application/vc+cose;base64,")
    assert world.verify(document).verified is True


def test_presentations_by_themselves_are_put_into_their_envelopes(world):
    options = {"challenge": "c", "domain": "d", "at": world.now}
    for token in (
        enveloping.secure_presentation([], world.stranger, **options).encode(),
        enveloping.secure_presentation_selectively([], world.stranger, **options).encode(),
        enveloping.secure_presentation_as_cose([], world.stranger, **options),
    ):
        document = intake.read(token)
        assert document["type"] == "EnvelopedVerifiablePresentation"
        assert world.verify(document, challenge="c", domain="d").presentation.verified is True


# --- encodings ------------------------------------------------------------------------------------------------------


@each(
    ("encoding", "key"),
    [
        ("utf-8", None),
        ("utf-8-sig", "found-mark"),
        ("utf-16", "found-encoding"),
        ("utf-16-le", "found-encoding"),
        ("utf-16-be", "found-encoding"),
        ("utf-32", "found-encoding"),
        ("utf-32-be", "found-encoding"),
        ("gb18030", "found-encoding"),
    ],
)
@each("ascii_only", [False, True], ids=["with Chinese", "escaped"])
def test_a_signed_document_verifies_in_every_encoding_that_editors_write(world, encoding, key, ascii_only):
    signed = world.sign(world.unsigned(credentialStatus=..., name="磷酸铁锂电池包"))
    handed_in = intake.take(json.dumps(signed, ensure_ascii=ascii_only).encode(encoding))
    assert handed_in.document == signed
    if not (ascii_only and encoding == "gb18030"):  # which is plain UTF-8 then
        assert [phrase.key for phrase in handed_in.found] == ([key] if key else [])
    assert world.verify(handed_in.document).verified is True


def test_the_encoding_is_told_by_its_name():
    (phrase,) = intake.take('{"名": "电"}'.encode("gb18030")).found
    assert "GB18030" in phrase.text("en")
    assert "GB18030" in phrase.text("zh")
    assert "UTF-16" in intake.take('{"a": 1}'.encode("utf-16")).found[0].text("en")


@each(
    "data",
    [b"\xff\xfe{", b"\xfe\xff\xd8\x00", b'{"a": "\xff\xff\xff"}', b"\x00\x01\x02\x03", b"caf\xe9", b'{"a": 1',
     b"[1,]", b""],
    ids=repr,
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_unusable(data):
    with pytest.raises(UnreadableDocument) as caught:
        intake.take(data)
    assert caught.value.exit_code == 2


@each("data", [b'{"a":1,"a":2}', b'{"a": NaN}', b"[" * 70 + b"]" * 70, b'{"a": "\\ud800"}'])
def test_json_that_means_two_things_is_the_documents_fault(data):
    with pytest.raises(MalformedDocument) as caught:
        intake.take(data)
    assert caught.value.exit_code == 1


# --- wrappings ------------------------------------------------------------------------------------------------------


def wrapped(form: str, document):
    return {
        "VC API": {"verifiableCredential": document, "options": {"created": "x"}},
        "a credential": {"credential": document},
        "a presentation": {"verifiablePresentation": document, "verified": True},
        "a list of one": [document],
        "a list in an answer": {"verifiableCredential": [document]},
        "OpenID4VCI": {"credentials": [{"credential": document}], "notification_id": "1"},
        "OpenID4VP": {"vp_token": {"query": [document]}, "state": "x"},
        "OpenID4VP, an array": {"vp_token": [document]},
        "OpenID4VP, one": {"vp_token": document},
        "text": json.dumps(document),
        "text in an answer": {"credential": json.dumps(document)},
    }[form]


FORMS = (
    "VC API", "a credential", "a presentation", "a list of one", "a list in an answer", "OpenID4VCI", "OpenID4VP",
    "OpenID4VP, an array", "OpenID4VP, one", "text", "text in an answer",
)  # fmt: skip


@each("form", FORMS)
@each("kind", ["json", "token", "cose"])
def test_a_document_is_taken_out_of_what_it_arrived_in(world, form, kind):
    plain = world.unsigned(credentialStatus=...)
    document = {
        "json": lambda: world.sign(plain),
        "token": lambda: enveloping.secure(plain, world.issuer, loader=world.loader),
        "cose": lambda: base64.b64encode(message(world)).decode(),
    }[kind]()
    handed_in = intake.take(json.dumps(wrapped(form, document)).encode())
    result = world.verify(handed_in.document)
    assert result.verified is True
    assert [credential.id for credential in result.credentials] == [plain["id"]]
    if form not in ("text",):
        assert handed_in.found
    for phrase in handed_in.found:
        assert phrase.text("en")
        assert phrase.text("zh")


@each(
    "value",
    [
        [{"a": 1}, {"b": 1}],
        {"verifiableCredential": [{"a": 1}, {"b": 1}]},
        {"credential": {}, "verifiablePresentation": {}},
        {"vp_token": {"one": ["x"], "two": ["y"]}},
    ],
    ids=repr,
)
def test_none_of_several_documents_is_chosen(value):
    with pytest.raises(SeveralDocuments) as caught:
        intake.take(json.dumps(value).encode())
    assert caught.value.exit_code == 2


def test_nothing_is_taken_out_of_a_document(world):
    saved = world.saved(world.pack())
    assert intake.take(json.dumps(saved).encode()).document == saved
    signed = world.pack() | {"credential": {"@context": []}}
    assert intake.take(json.dumps(signed).encode()).document == signed


def test_a_wrapping_of_many_layers_is_refused():
    value: object = {"@context": []}
    for _ in range(unwrapping.MAX_LAYERS + 1):
        value = [value]
    with pytest.raises(MalformedDocument, match="too many others"):
        intake.take(json.dumps(value).encode())


@each(
    ("document", "key"),
    [
        ({"id": "did:web:a.example", "verificationMethod": []}, "json-did-document"),
        ({"issuers": []}, "json-trust-list"),
        ({"kty": "EC", "crv": "P-256"}, "json-keys"),
        ({"keys": []}, "json-keys"),
        ({"type": "about:blank", "title": "Not found", "status": 404}, "json-problem"),
        ({"model": {}, "pack": {}}, "json-record"),
    ],
)
def test_json_that_is_something_else_is_called_what_it_is(world, document, key):
    handed_in = intake.take(json.dumps(document).encode())
    assert [phrase.key for phrase in handed_in.found] == [key]
    assert world.verify(handed_in.document).verified is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("e30.e30.AA"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*unwrapping.MEMBERS, "@context", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["utf-8", "utf-16", "utf-8-sig", "gb18030"]))
def test_no_value_in_no_encoding_fails_in_another_way(value, encoding):
    with contextlib.suppress(MalformedDocument):
        intake.take(json.dumps(value, ensure_ascii=False).encode(encoding))


@each(
    "data",
    [b"e30.e30.", b"eyJ0eXAiOjd9.e30.AA", b"W10.e30.AA", b"____.e30.AA", b"eyJ0eXAiOiJhIGIifQ.e30.AA"],
    ids=["no typ", "a number", "a list", "no header", "no media type"],
)
def test_a_token_that_does_not_say_its_kind_is_refused(data):
    with pytest.raises(UnreadableDocument):
        intake.read(data)
    assert intake.looks_like(data).key == "file-token"


@each(
    ("data", "key"),
    [
        (b"", "file-empty"),
        (b" \n", "file-empty"),
        (b"%PDF-1.7 ...", "file-pdf"),
        (b"\x89PNG\r\n\x1a\n", "file-picture"),
        (b"\xff\xd8\xff\xe0", "file-picture"),
        (b"PK\x03\x04", "file-workbook"),
        (b"\xef\xbb\xbf<!DOCTYPE html><p>", "file-page"),
        (b"<html lang=en>", "file-page"),
        (b"https://passport.example.com/01/09506000202617/21/A", "file-address"),
        (b'{"a": {}}\n{"b": 1}', "file-several"),
        (b"not json", "file-text"),
    ],
)
def test_what_is_no_document_is_called_what_it_looks_like(data, key):
    assert intake.looks_like(data).key == key


@each("data", [b'{"a":1,"a":2}', b'{"a":"} {"', b"[" * 90, b"\xff\xfe"])
def test_nothing_is_made_up_about_the_rest(data):
    assert intake.looks_like(data) is None


@given(st.binary(max_size=200))
def test_no_bytes_fail_in_another_way(data):
    intake.looks_like(data)
    with contextlib.suppress(MalformedDocument):
        intake.read(data)


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.none()))
def test_json_is_read_as_json(value):
    assume(not set(unwrapping.MEMBERS) & value.keys())
    assert intake.read(json.dumps(value).encode()) == value
