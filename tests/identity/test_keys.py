from __future__ import annotations

import copy
import os
import pickle
import stat
import subprocess
import traceback

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import InvalidSignature, KeyFileError, MalformedKey, UsageError
from passport.identity import Algorithm, KeySigner, PrivateKey, PublicKey, Signer, key_file
from tests.cheap_passphrases import REAL
from tests.each import each

needs_modes = pytest.mark.skipif(os.name != "posix", reason="file modes are a POSIX matter")

SECRET_NUMBER = 0x1CEB00DA1CEB00DA1CEB00DA1CEB00DA1CEB00DA1CEB00DA1CEB00DA1CEB00DA


def known_key() -> PrivateKey:
    return PrivateKey(ec.derive_private_key(SECRET_NUMBER, ec.SECP256R1()))


def test_a_signature_verifies(private_key):
    private_key.public_key.verify(private_key.sign(b"passport"), b"passport")


def test_the_same_content_is_signed_the_same_way_each_time(private_key):
    assert private_key.sign(b"passport") == private_key.sign(b"passport")


def test_the_public_half_of_a_key_is_the_key_that_is_read_from_its_bytes(private_key):
    own = private_key.public_key
    assert own == PublicKey(own.algorithm, own.raw)
    assert hash(own) == hash(PublicKey(own.algorithm, own.raw))


def test_a_key_for_one_proof_draws_the_numbers_of_its_signatures():
    key = PrivateKey.ephemeral()
    signatures = [key.sign(b"statement") for _ in range(3)]
    assert len(set(signatures)) == 3
    for signature in signatures:
        key.public_key.verify(signature, b"statement")


def test_a_signature_has_its_fixed_length(private_key):
    assert {len(private_key.sign(bytes([n]))) for n in range(40)} == {private_key.algorithm.signature_length}


def test_a_signature_over_other_content_is_refused(private_key):
    with pytest.raises(InvalidSignature):
        private_key.public_key.verify(private_key.sign(b"passport"), b"passporT")


def test_a_signature_by_another_key_is_refused(private_key):
    other = PrivateKey.generate(private_key.algorithm)
    with pytest.raises(InvalidSignature):
        private_key.public_key.verify(other.sign(b"passport"), b"passport")


@each("change", [lambda s: s[:-1], lambda s: s + b"\0", lambda s: b"", lambda s: bytes(len(s))])
def test_a_signature_of_another_shape_is_refused(private_key, change):
    with pytest.raises(InvalidSignature):
        private_key.public_key.verify(change(private_key.sign(b"passport")), b"passport")


def test_a_high_s_is_neither_refused_nor_repaired(p256):
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signature = p256.sign(b"passport")
    mirrored = signature[:32] + (order - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    p256.public_key.verify(mirrored, b"passport")


@given(st.binary(max_size=120))
def test_no_bytes_make_verifying_fail_in_another_way(signature):
    with pytest.raises(InvalidSignature):
        known_key().public_key.verify(signature, b"passport")


def test_public_keys_are_values(p256):
    again = PublicKey(Algorithm.P256, bytes(p256.public_key.raw))
    assert again == p256.public_key
    assert len({again, p256.public_key}) == 1
    assert again.did_key == f"did:key:{again.multikey}"


@each(("algorithm", "raw"), [("P-256", b"\2" * 33), (Algorithm.P256, "text"), (None, b"")])
def test_a_public_key_of_other_types_is_refused(algorithm, raw):
    with pytest.raises(MalformedKey):
        PublicKey(algorithm, raw)


# --- secrets ----------------------------------------


def test_a_private_key_shows_only_its_public_half(private_key):
    assert private_key.public_key.multikey in repr(private_key)
    signer = KeySigner(private_key)
    for text in (repr(private_key), str(private_key), repr(signer), f"{[private_key]}"):
        assert "_key=" not in text
        assert "0x" not in text
    assert not hasattr(private_key, "__dict__")


def test_the_secret_number_appears_in_no_text_about_the_key():
    key = known_key()
    shown = repr(key) + str(key) + repr(KeySigner(key)) + repr(key.public_key)
    assert "1ceb00da" not in shown.lower()
    assert str(SECRET_NUMBER) not in shown


@each("take_along", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_private_key_is_neither_pickled_nor_copied(private_key, take_along):
    with pytest.raises(UsageError):
        take_along(private_key)


@each("text", ["", "z", "zSECRETSECRET", "z42twTcNeSYcnqg1FLuSFs2bsGH3ZqbRHFmvS9XMsYhjxvH"])
def test_a_malformed_secret_key_is_refused_without_being_quoted(text):
    with pytest.raises(MalformedKey) as caught:
        PrivateKey.from_multikey(text)
    assert not text[1:] or text[1:] not in str(caught.value)


@each("number", [0, 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551])
def test_a_secret_number_out_of_range_is_refused(number):
    from passport.identity import multibase_encode

    with pytest.raises(MalformedKey, match="out of range"):
        PrivateKey.from_multikey(multibase_encode(Algorithm.P256.private_prefix + number.to_bytes(32, "big")))


# --- key files ----------------------------------------


@each("passphrase", [None, "北湖 passphrase".encode()], ids=["plain", "encrypted"])
def test_a_saved_key_is_loaded_again(tmp_path, private_key, passphrase):
    private_key.save(tmp_path / "issuer.pem", passphrase)
    assert PrivateKey.load(tmp_path / "issuer.pem", passphrase).public_key == private_key.public_key


@needs_modes
@pytest.mark.parametrize("passphrase", [None, b"passphrase"], ids=["plain", "encrypted"])
def test_a_key_file_is_its_owners_alone_whatever_the_umask(tmp_path, p256, passphrase):
    before = os.umask(0)
    try:
        p256.save(tmp_path / "issuer.pem", passphrase)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "issuer.pem").stat().st_mode) == 0o600


@needs_modes
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666], ids=oct)
def test_a_key_file_that_others_can_read_is_refused(tmp_path, p256, mode):
    path = tmp_path / "issuer.pem"
    p256.save(path, None)
    path.chmod(mode)
    with pytest.raises(KeyFileError) as caught:
        PrivateKey.load(path, None)
    assert "chmod 600" in caught.value.hint


def test_a_key_file_is_never_overwritten(tmp_path, p256):
    path = tmp_path / "issuer.pem"
    p256.save(path, None)
    content = path.read_bytes()
    with pytest.raises(KeyFileError, match="exists already"):
        PrivateKey.generate().save(path, None)
    assert path.read_bytes() == content


@needs_modes
def test_a_key_is_not_written_through_a_dangling_link(tmp_path, p256):
    (tmp_path / "issuer.pem").symlink_to(tmp_path / "elsewhere.pem")
    with pytest.raises(KeyFileError):
        p256.save(tmp_path / "issuer.pem", None)
    assert not (tmp_path / "elsewhere.pem").exists()


def test_a_file_encrypted_with_a_passphrase_holds_no_plain_key(tmp_path):
    path = tmp_path / "issuer.pem"
    known_key().save(path, b"passphrase")
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert bytes.fromhex("1ceb00da") not in path.read_bytes()


def test_openssl_opens_an_encrypted_key_file_too(tmp_path, p256, monkeypatch):
    # With what the program has and the other tests spare themselves; OpenSSL takes no more memory.
    for name, value in zip(("SCRYPT_N", "SCRYPT_R", "SCRYPT_P"), REAL, strict=True):
        monkeypatch.setattr(key_file, name, value)
    path = tmp_path / "issuer.pem"
    p256.save(path, b"passphrase")
    try:
        shown = subprocess.run(
            ["openssl", "pkey", "-in", str(path), "-passin", "pass:passphrase", "-pubout", "-outform", "DER"],
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("no openssl command here")
    assert shown.returncode == 0, shown.stderr
    assert p256.public_key.raw[1:] in shown.stdout


def test_a_guess_of_a_passphrase_takes_memory_and_time():
    assert REAL == (2**14, 8, 5)


def test_a_wrong_passphrase_is_refused_and_appears_nowhere(tmp_path, p256):
    p256.save(tmp_path / "issuer.pem", b"passphrase")
    with pytest.raises(KeyFileError, match="does not open") as caught:
        PrivateKey.load(tmp_path / "issuer.pem", b"Losung-4711")
    assert "Losung-4711" not in "".join(traceback.format_exception(caught.value)[-1:])
    assert caught.value.__suppress_context__


def test_an_encrypted_key_without_a_passphrase_is_refused(tmp_path, p256):
    p256.save(tmp_path / "issuer.pem", b"passphrase")
    with pytest.raises(KeyFileError, match="is encrypted"):
        PrivateKey.load(tmp_path / "issuer.pem", None)


def test_a_plain_key_with_a_passphrase_is_refused(tmp_path, p256):
    p256.save(tmp_path / "issuer.pem", None)
    with pytest.raises(KeyFileError, match="is not encrypted"):
        PrivateKey.load(tmp_path / "issuer.pem", b"passphrase")


def test_an_empty_passphrase_is_refused(tmp_path, p256):
    with pytest.raises(KeyFileError, match="empty passphrase"):
        p256.save(tmp_path / "issuer.pem", b"")
    assert not (tmp_path / "issuer.pem").exists()


def test_a_missing_key_file_and_a_missing_folder_are_refused(tmp_path, p256):
    with pytest.raises(KeyFileError):
        PrivateKey.load(tmp_path / "issuer.pem", None)
    with pytest.raises(KeyFileError):
        p256.save(tmp_path / "nowhere" / "issuer.pem", None)


@each("content", [b"", b"junk", b"\x00" * 100, b"-----BEGIN PRIVATE KEY-----\nAAAA\n"], ids=repr)
def test_a_file_that_is_no_key_is_refused(tmp_path, content):
    path = tmp_path / "issuer.pem"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(KeyFileError):
        PrivateKey.load(path, None)


def test_a_folder_and_a_huge_file_are_refused(tmp_path):
    with pytest.raises(KeyFileError):
        PrivateKey.load(tmp_path, None)
    path = tmp_path / "issuer.pem"
    path.touch(mode=0o600)
    path.write_bytes(b"-" * 100_000)
    with pytest.raises(KeyFileError, match="holds no private key"):
        PrivateKey.load(path, None)


@each(
    "make",
    [lambda: rsa.generate_private_key(65537, 2048), lambda: ec.generate_private_key(ec.SECP256K1())],
    ids=["RSA", "secp256k1"],
)
def test_a_key_of_another_kind_is_refused(tmp_path, make):
    path = tmp_path / "issuer.pem"
    path.touch(mode=0o600)
    path.write_bytes(make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFileError, match="another kind"):
        PrivateKey.load(path, None)


# --- signers ----------------------------------------


def test_a_signer_names_the_method_of_its_did_key(private_key):
    signer = KeySigner(private_key)
    assert isinstance(signer, Signer)
    multikey = private_key.public_key.multikey
    assert signer.verification_method == f"did:key:{multikey}#{multikey}"
    signer.public_key.verify(signer.sign(b"passport"), b"passport")


def test_a_signer_can_name_another_method(p256):
    assert KeySigner(p256, "did:web:example.com#2026").verification_method == "did:web:example.com#2026"
