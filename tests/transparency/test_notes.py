"""Signed notes, checkpoints and cosignatures: published examples, one spelling, and every refusal."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedKey, MalformedLogData, UntrustedCheckpoint
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.multibase import multibase_encode
from passport.identity.signer import KeySigner
from passport.transparency import note
from passport.transparency.checkpoint import (
    Checkpoint,
    Quorum,
    cosignatures,
    open_checkpoint,
    sign_checkpoint,
)
from passport.transparency.note import Kind, Note, NoteKey
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LOG = KeySigner(PrivateKey.generate(Algorithm.ED25519))
WITNESS = KeySigner(PrivateKey.generate(Algorithm.ED25519))
LOG_KEY = NoteKey("passport.example.com/log/events", Kind.LOG, LOG.public_key)
WITNESS_KEY = NoteKey("witness.example.org", Kind.WITNESS, WITNESS.public_key)
CHECKPOINT = Checkpoint(LOG_KEY.name, 7, bytes(range(32)))

#: The example of the Go reference implementation: verifier key, seed, text and signature line.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETERS_SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETERS_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETERS_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
)
#: The example of the specification signed-note.
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
#: The example of the specification tlog-cosignature.
SOFA = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "— witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


def cosigned(at: datetime = AT) -> Note:
    signed = sign_checkpoint(CHECKPOINT, LOG)
    return signed.with_signatures((note.cosign(CHECKPOINT.text, WITNESS_KEY.name, WITNESS, at),))


# --- published examples ---------------------------------------------------------------------------------------------


def test_the_reference_example_is_signed_byte_for_byte():
    signer = KeySigner(PrivateKey.from_multikey(multibase_encode(b"\x80\x26" + PETERS_SEED)))
    assert str(note.sign(PETERS_TEXT, "PeterNeumann", signer)) == PETERS_LINE
    assert str(NoteKey("PeterNeumann", Kind.LOG, signer.public_key)) == PETER


def test_the_reference_example_verifies():
    signed = Note.parse(f"{PETERS_TEXT}\n{PETERS_LINE}\n".encode())
    assert signed.verify(NoteKey.parse(PETER)) == ()
    assert signed.verify(NoteKey.parse(FOO)) is None


def test_the_example_of_the_specification_verifies():
    assert Note.parse(FOO_NOTE.encode()).verify(NoteKey.parse(FOO)) == ()


def test_the_checkpoint_of_the_specification_is_read_and_written_alike():
    signed = Note.parse(SOFA.encode())
    checkpoint = Checkpoint.parse(signed.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.text == signed.text
    assert bytes(signed) == SOFA.encode()
    # The witness saw it at the instant that the specification prints.
    assert int.from_bytes(signed.signatures[1].signature[:8], "big") == 1_679_315_147


def test_a_cosignature_is_over_the_two_lines_and_the_text():
    signature = note.cosign(CHECKPOINT.text, WITNESS_KEY.name, WITNESS, AT)
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{CHECKPOINT.text}".encode()
    WITNESS.public_key.verify(signature.signature[8:], message)


# --- keys -----------------------------------------------------------------------------------------------------------


@each("key", [LOG_KEY, WITNESS_KEY], ids=["log", "witness"])
def test_a_key_comes_back_from_its_text(key):
    assert NoteKey.parse(str(key)) == key


def test_one_key_has_another_id_as_log_and_as_witness():
    assert LOG_KEY.id != NoteKey(LOG_KEY.name, Kind.WITNESS, LOG.public_key).id


def test_no_part_of_a_key_is_a_key():
    for begin in range(len(PETER)):
        for end in range(begin + 1, len(PETER) + 1):
            if (begin, end) != (0, len(PETER)):
                with pytest.raises(MalformedKey):
                    NoteKey.parse(PETER[begin:end])


def test_a_key_with_any_other_character_is_refused():
    for at in range(len(PETER)):
        with pytest.raises(MalformedKey):
            NoteKey.parse(PETER[:at] + chr(ord(PETER[at]) + 1) + PETER[at + 1 :])


@each(
    "text",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",  # too long
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",  # kind 65
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "P" * 10_000,
        "",
    ],
)
def test_a_key_in_another_form_is_refused(text):
    with pytest.raises(MalformedKey):
        NoteKey.parse(text)


@each("name", ["", "a b", "a+b", "a\u00a0b", "a\nb", "a\x07b", "a" * 513])
def test_a_name_that_no_line_can_hold_is_refused(name):
    with pytest.raises(MalformedKey, match="name"):
        NoteKey(name, Kind.LOG, LOG.public_key)


def test_a_key_of_another_algorithm_is_refused():
    with pytest.raises(MalformedKey, match="Ed25519"):
        NoteKey("example.com/log", Kind.LOG, PrivateKey.generate().public_key)


# --- notes ----------------------------------------------------------------------------------------------------------


@each(
    ("data", "reason"),
    [
        (b"", "not a signed note"),
        (b"text\n", "not a signed note"),
        (b"text\n\n", "not a signed note"),
        (b"\n\n", "not a signed note"),
        (f"text\n\n{PETERS_LINE}".encode(), "not a signed note"),  # the last line does not end
        (f"text\n{PETERS_LINE}\n".encode(), "not a signed note"),  # no empty line
        (f"text\n\n{PETERS_LINE}\n\n".encode(), "not a signed note"),
        (f"text\n\n-{PETERS_LINE[1:]}\n".encode(), "signature line"),
        (f"text\n\n{PETERS_LINE} \n".encode(), "signature line"),
        ("text\n\n— PeterNeumann\n".encode(), "signature line"),
        ("text\n\n— PeterNeumann x08gow==\n".encode(), "signature line"),  # an id without a signature
        ("text\n\n— PeterNeumann x08go_ZJkuBS\n".encode(), "signature line"),
        ("text\n\n— PeterNeumann x08go/ZJkuB=\n".encode(), "signature line"),
        ("text\n\n— Peter+Neumann x08go/ZJkuBS\n".encode(), "signature line"),
        (f"te\txt\n\n{PETERS_LINE}\n".encode(), "control characters"),
        (f"text\r\n\n{PETERS_LINE}\n".encode(), "control characters"),
        (b"te\xffxt\n\n" + f"{PETERS_LINE}\n".encode(), "not text"),
        (b"text\n\n" + f"{PETERS_LINE}\n".encode() * 65, "too many"),
        (b"t" * 300_000, "too large"),
    ],
)  # fmt: skip
def test_what_is_no_note_is_refused(data, reason):
    with pytest.raises(MalformedLogData, match=reason):
        Note.parse(data)


def test_a_text_may_have_empty_lines():
    signed = Note.parse(f"one\n\ntwo\n\n\n{PETERS_LINE}\n".encode())
    assert signed.text == "one\n\ntwo\n\n"


def test_sixteen_signatures_and_more_are_read():
    lines = "".join(f"— witness{number} x08go/ZJkuBS\n" for number in range(64))
    assert len(Note.parse(f"text\n\n{lines}".encode()).signatures) == 64


def test_signatures_of_unknown_keys_are_ignored():
    signed = Note.parse(bytes(cosigned()) + "— unknown.example x08go/ZJkuBS\n".encode())
    assert signed.verify(LOG_KEY) == ()
    assert signed.verify(WITNESS_KEY) == (AT,)


def test_a_wrong_signature_in_the_name_of_a_known_key_refuses_the_note():
    wrong = note.sign("another text\n", LOG_KEY.name, LOG)
    with pytest.raises(UntrustedCheckpoint, match="not made with its key"):
        sign_checkpoint(CHECKPOINT, LOG).with_signatures((wrong,)).verify(LOG_KEY)


def test_no_signature_stands_twice():
    signed = sign_checkpoint(CHECKPOINT, LOG)
    assert signed.with_signatures(signed.signatures) == signed


@given(st.binary(max_size=400))
def test_bytes_of_a_stranger_are_a_note_or_are_refused(data):
    with contextlib.suppress(MalformedLogData):
        assert bytes(Note.parse(data)) == data


@given(st.data())
def test_a_changed_byte_anywhere_in_a_checkpoint_is_refused(data):
    whole = bytes(cosigned())
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    with pytest.raises((MalformedLogData, UntrustedCheckpoint)):
        Quorum((WITNESS_KEY,), 1).require(open_checkpoint(changed, LOG_KEY).note)


# --- checkpoints ----------------------------------------------------------------------------------------------------


@each(
    "text",
    ["", "\n", "log\n7\n", "log\n7\n" + "A" * 43 + "=", "log\n07\n" + "A" * 43 + "=\n", "log\n-7\n" + "A" * 43 + "=\n",
     "log\n٧\n" + "A" * 43 + "=\n", "log\n9223372036854775808\n" + "A" * 43 + "=\n", "log\n7\n" + "A" * 40 + "\n",
     "log\n7\n" + "A" * 42 + "B=\n", "\n7\n" + "A" * 43 + "=\n", "log\n7\n" + "A" * 43 + "=\n\nmore\n",
     "log\n7\n" + "-" * 43 + "=\n"],
)  # fmt: skip
def test_a_text_that_is_no_checkpoint_is_refused(text):
    with pytest.raises(MalformedLogData):
        Checkpoint.parse(text)


def test_extension_lines_are_kept():
    text = CHECKPOINT.text + "an extension\n"
    assert Checkpoint.parse(text).extensions == ("an extension",)
    assert Checkpoint.parse(text).text == text


def test_a_checkpoint_of_another_log_is_refused():
    with pytest.raises(UntrustedCheckpoint, match="another log"):
        open_checkpoint(bytes(cosigned()), NoteKey("other.example/log", Kind.LOG, LOG.public_key))


def test_a_checkpoint_without_the_signature_of_the_log_is_refused():
    only_witness = Note(CHECKPOINT.text, cosigned().signatures[1:])
    with pytest.raises(UntrustedCheckpoint, match="no signature"):
        open_checkpoint(bytes(only_witness), LOG_KEY)


def test_a_checkpoint_signed_with_a_foreign_key_is_refused():
    forged = sign_checkpoint(CHECKPOINT, WITNESS)
    with pytest.raises(UntrustedCheckpoint, match="no signature"):
        open_checkpoint(bytes(forged), LOG_KEY)


def test_the_key_of_a_witness_opens_no_checkpoint_and_the_key_of_a_log_cosigns_none():
    with pytest.raises(MalformedKey):
        open_checkpoint(bytes(cosigned()), WITNESS_KEY)
    with pytest.raises(MalformedKey):
        cosignatures(cosigned(), [LOG_KEY])


# --- witnesses ------------------------------------------------------------------------------------------------------


def test_the_newest_cosignature_of_a_witness_counts():
    later = note.cosign(CHECKPOINT.text, WITNESS_KEY.name, WITNESS, AT + timedelta(hours=1))
    (found,) = cosignatures(cosigned().with_signatures((later,)), [WITNESS_KEY])
    assert (found.witness, found.at) == (WITNESS_KEY, AT + timedelta(hours=1))


def test_a_cosignature_moved_to_another_instant_is_refused():
    line = cosigned().signatures[1]
    moved = note.NoteSignature(line.name, line.key_id, (0).to_bytes(8, "big") + line.signature[8:])
    with pytest.raises(UntrustedCheckpoint):
        Note(CHECKPOINT.text, (moved,)).verify(WITNESS_KEY)


@each("length", [1, 8, 71, 73])
def test_a_cosignature_of_the_wrong_length_is_refused(length):
    line = note.NoteSignature(WITNESS_KEY.name, WITNESS_KEY.id, b"\0" * length)
    with pytest.raises(UntrustedCheckpoint):
        Note(CHECKPOINT.text, (line,)).verify(WITNESS_KEY)


def test_a_cosignature_of_an_instant_that_there_is_not_is_refused():
    seconds = 2**63 - 1
    signature = WITNESS.sign(f"cosignature/v1\ntime {seconds}\n{CHECKPOINT.text}".encode())
    line = note.NoteSignature(WITNESS_KEY.name, WITNESS_KEY.id, seconds.to_bytes(8, "big") + signature)
    with pytest.raises(UntrustedCheckpoint):
        Note(CHECKPOINT.text, (line,)).verify(WITNESS_KEY)


def test_too_few_cosignatures_are_refused():
    other = NoteKey("other.example", Kind.WITNESS, PrivateKey.generate(Algorithm.ED25519).public_key)
    quorum = Quorum((WITNESS_KEY, other), 2)
    with pytest.raises(UntrustedCheckpoint, match="too few"):
        quorum.require(cosigned())
    assert len(Quorum((WITNESS_KEY, other), 1).require(cosigned())) == 1


def test_one_party_under_two_names_is_one_witness():
    alias = NoteKey("alias.example", Kind.WITNESS, WITNESS.public_key)
    both = cosigned().with_signatures((note.cosign(CHECKPOINT.text, alias.name, WITNESS, AT),))
    assert len(Quorum((WITNESS_KEY, alias), 1).require(both)) == 2
    with pytest.raises(MalformedKey, match="more cosignatures"):
        Quorum((WITNESS_KEY, alias), 2)
