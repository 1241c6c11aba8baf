"""Keys in a token and at a signing service: they sign like a key in a file, and each way to go wrong has a name."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from passport.errors import (
    InvalidSignature,
    KeyFileError,
    SignerUnavailable,
    UnusableSigner,
    UnverifiedSignature,
)
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.identity.keys import Algorithm, PublicKey
from passport.identity.signers import remote_signer, signature_forms, signing_rate
from passport.identity.signers.pkcs11_signer import Pkcs11Address, Pkcs11Signer
from passport.identity.signers.remote_signer import RemoteAddress, RemoteSigner, client_of
from passport.identity.signers.signer_address import open_signer
from tests.conftest import skip_unless
from tests.each import each
from tests.identity.signing_service import Authority, SigningService

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = b"4711"


# --- a token --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def token(tmp_path_factory) -> str:
    """A token of SoftHSM with a key of P-256 named "issuer" and one of P-384; the address without a key."""
    # A fixture that another file imports is made once for each: the module of the token reads its folder only once.
    if not _made:
        _made.append(make_token(tmp_path_factory.mktemp("softhsm")))
    return _made[0]


_made: list[str] = []


def make_token(folder: Path) -> str:
    skip_unless(shutil.which("softhsm2-util") is not None and MODULE.exists(), "softhsm", "SoftHSM 2 is not installed")
    pkcs11 = pytest.importorskip("pkcs11")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    # Read once, when the module is loaded; no other test loads it.
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    words = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "passports",
        "--so-pin",
        "0815",
        "--pin",
        PIN.decode(),
    ]
    subprocess.run(words, check=True, capture_output=True)
    from pkcs11.util.ec import encode_named_curve_parameters

    with pkcs11.lib(str(MODULE)).get_token(token_label="passports").open(rw=True, user_pin=PIN.decode()) as session:
        for label, curve in (("issuer", "secp256r1"), ("issuer-384", "secp384r1"), ("other", "secp256k1")):
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC, {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters(curve)}, local=True
            )
            parameters.generate_keypair(store=True, label=label, id=label.encode())
    return f"pkcs11:token=passports;object={{}}?module-path={MODULE}"


def in_token(token: str, label: str = "issuer", pin: bytes | None = PIN) -> Pkcs11Signer:
    return Pkcs11Signer(Pkcs11Address.parse(token.format(label)), "did:example:maker#key-1", pin)


def test_a_key_in_a_token_signs_like_a_key_in_a_file(token):
    for label, algorithm in (("issuer", Algorithm.P256), ("issuer-384", Algorithm.P384)):
        signer = in_token(token, label)
        assert signer.public_key.algorithm is algorithm
        with ThreadPoolExecutor(4) as pool:
            signatures = list(pool.map(signer.sign, [b"a", b"b"] * 8))
        for data, signature in zip([b"a", b"b"] * 8, signatures, strict=True):
            signer.public_key.verify(signature, data)
        with pytest.raises(InvalidSignature):
            signer.public_key.verify(signatures[0], b"b")
        with pytest.raises(UnusableSigner, match="PinIncorrect"):
            in_token(token, label, b"0000")
        signer.close()
        with pytest.raises(SignerUnavailable):
            signer.sign(b"a")
    opened = open_signer(token.format("issuer"), "did:example:maker#key-1", Path(), PIN, DidResolver())
    assert isinstance(opened, Pkcs11Signer)
    assert opened.public_key == in_token(token).public_key
    opened.close()


def test_a_token_to_which_another_part_of_the_process_is_logged_in_signs(token):
    pkcs11 = pytest.importorskip("pkcs11")
    address = Pkcs11Address.parse(token.format("issuer"))
    in_token(token).close()
    with pkcs11.lib(str(address.module)).get_token(token_label="passports").open(user_pin=PIN.decode()):
        first, second = in_token(token), in_token(token)
        for signer in (first, second):
            signer.public_key.verify(signer.sign(b"a"), b"a")
        first.close()
    with pytest.raises(UnusableSigner, match="PinIncorrect"):
        in_token(token, "issuer", b"0000")


@each(
    ("label", "pin", "found"),
    [("issuer", b"0000", "PinIncorrect"), ("none", PIN, "NoSuchKey"), ("other", PIN, None)],
)
def test_a_wrong_pin_a_missing_key_and_a_foreign_curve_are_refused(token, label, pin, found):
    with pytest.raises(UnusableSigner) as caught:
        in_token(token, label, pin)
    assert found is None or found in str(caught.value.found)
    assert "0000" not in str(caught.value)


def test_a_missing_token_and_a_missing_module_are_refused(token):
    for address in (token.replace("passports", "absent"), token.replace(str(MODULE), "/no/such/module.so")):
        with pytest.raises(UnusableSigner, match="cannot be used"):
            in_token(address)


@each(
    "address",
    [
        "pkcs11:object=issuer", "pkcs11:token=x?module-path=/m.so", "pkcs11:object=a;color=red?module-path=/m.so",
        "pkcs11:object=a b?module-path=/m.so", "file:/m.so", "pkcs11:object=a?module-path=/m.so&colour=red",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_key_in_a_token_is_refused(address):
    with pytest.raises(UnusableSigner):
        Pkcs11Address.parse(address)


@each("address", ["pkcs11:object=a?module-path=/m.so&pin-value=471147", "pkcs11:object=a;pin-value=471147"])
def test_a_pin_in_an_address_is_refused_and_not_repeated(address):
    with pytest.raises(UnusableSigner, match="PIN") as caught:
        Pkcs11Address.parse(address)
    assert "471147" not in f"{caught.value}{caught.value.hint}"


def test_an_address_of_a_token_is_read_by_its_standard():
    address = Pkcs11Address.parse("pkcs11:token=My%20token;serial=1;id=%01%ff;type=private?module-path=/usr/m.so")
    assert address == Pkcs11Address(Path("/usr/m.so"), "My token", "1", None, b"\x01\xff")


# --- a service ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("test authority")


@pytest.fixture
def service(tmp_path, authority):
    made = SigningService(tmp_path, authority)
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path, authority) -> Path:
    """A project's folder with a client certificate whose key is encrypted."""
    folder = tmp_path / "shop"
    (folder / "keys").mkdir(parents=True)
    (folder / remote_signer.AUTHORITY).write_bytes(authority.pem())
    (folder / remote_signer.CLIENT_CERTIFICATE).write_bytes(authority.issue("publisher", b"correct horse"))
    (folder / remote_signer.CLIENT_CERTIFICATE).chmod(0o600)
    return folder


def at_service(service: SigningService, folder: Path, passphrase: bytes | None = b"correct horse") -> RemoteSigner:
    public_key = PublicKey.from_object(service.key.public_key())
    address = RemoteAddress.parse(service.address)
    return RemoteSigner(address, f"{public_key.did_key}#key", public_key, client_of(folder, passphrase))


def test_a_key_at_a_service_signs_one_by_one_and_in_batches(service, folder):
    signer = at_service(service, folder)
    signer.public_key.verify(signer.sign(b"one"), b"one")
    data = [b"%d" % number for number in range(remote_signer.AT_ONCE + 3)]
    for item, signature in zip(data, signer.sign_all(data), strict=True):
        signer.public_key.verify(signature, item)
    assert service.batches == [1, remote_signer.AT_ONCE, 3]
    assert signer.sign_all([]) == [] and len(service.batches) == 3
    key = signer.public_key.multikey
    opened = open_signer(service.address, f"did:key:{key}#{key}", folder, b"correct horse", DidResolver())
    opened.public_key.verify(opened.sign(b"two"), b"two")


def test_threads_that_sign_at_the_same_time_share_requests(service, folder):
    """While the first request is on its way, the digests of all others wait, and go out with the second."""
    signer, others = at_service(service, folder), 7
    first, all_wait = threading.Event(), threading.Event()

    def before_answer() -> None:
        first.set()
        assert all_wait.wait(60)

    service.before_answer = before_answer
    with ThreadPoolExecutor(1 + others) as pool:
        begun = pool.submit(signer.sign, b"first")
        assert first.wait(60)
        waiting = [pool.submit(signer.sign, b"%d" % number) for number in range(others)]
        while len(signer._waiting) < others:
            pass
        all_wait.set()
        signer.public_key.verify(begun.result(60), b"first")
        for number, future in enumerate(waiting):
            signer.public_key.verify(future.result(60), b"%d" % number)
    assert service.batches == [1, others]


@pytest.mark.parametrize(
    "edit",
    [lambda signed: signed[::-1], lambda signed: signed[1:], lambda signed: ["AAAA", *signed[1:]],
     lambda signed: [1, *signed[1:]], lambda signed: None],
    ids=["another order", "too few", "no signature", "no text", "no list"],
)  # fmt: skip
def test_an_answer_that_is_no_signature_of_the_key_is_refused(service, folder, edit):
    service.edit = edit
    with pytest.raises(UnverifiedSignature, match="signing service"):
        at_service(service, folder).sign_all([b"a", b"b"])


def test_signatures_of_another_key_are_refused(service, folder):
    signer = at_service(service, folder)
    service.key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(UnverifiedSignature):
        signer.sign(b"a")


def test_a_client_without_its_certificate_is_refused(service, folder, tmp_path):
    stranger = Authority("another authority")
    (folder / remote_signer.CLIENT_CERTIFICATE).write_bytes(stranger.issue("stranger"))
    with pytest.raises(SignerUnavailable):
        at_service(service, folder, None).sign(b"a")
    assert service.batches == []


def test_a_service_with_a_foreign_certificate_is_not_asked(service, folder):
    (folder / remote_signer.AUTHORITY).write_bytes(Authority("another authority").pem())
    with pytest.raises(SignerUnavailable):
        at_service(service, folder).sign(b"a")
    assert service.batches == []


def test_a_service_that_is_away_or_knows_no_such_key_is_unavailable(service, folder):
    signer = at_service(service, folder)
    unknown = RemoteAddress.parse(service.address.replace("=issuer", "=other"))
    with pytest.raises(SignerUnavailable, match="404"):
        RemoteSigner(unknown, "", signer.public_key, client_of(folder, b"correct horse")).sign(b"a")
    service.close()
    with pytest.raises(SignerUnavailable):
        signer.sign(b"a")


def test_a_client_certificate_that_is_missing_open_or_does_not_open_is_refused(service, folder):
    with pytest.raises(KeyFileError, match="cannot be used"):
        client_of(folder, b"wrong")
    with pytest.raises(KeyFileError, match="cannot be used"):
        client_of(folder, None)
    (folder / remote_signer.CLIENT_CERTIFICATE).chmod(0o644)
    with pytest.raises(KeyFileError, match="read by others"):
        client_of(folder, b"correct horse")
    (folder / remote_signer.CLIENT_CERTIFICATE).unlink()
    with pytest.raises(KeyFileError, match="is missing"):
        client_of(folder, b"correct horse")


@each(
    "address",
    ["http://signer.example/csc/v2?credentialID=a", "https://signer.example/csc/v2", "https://a:b@x/?credentialID=a",
     "https://signer.example/?credentialID=a&credentialID=b", "https://[::1", "https:///x?credentialID=a"],
)  # fmt: skip
def test_what_is_no_address_of_a_key_at_a_service_is_refused(address):
    with pytest.raises(UnusableSigner):
        RemoteAddress.parse(address)


def test_an_unknown_kind_of_signer_and_a_key_that_signs_no_digests_are_refused(service, folder):
    with pytest.raises(UnusableSigner, match="no known kind"):
        open_signer("ssh://signer.example", "did:example:a#1", folder, None, DidResolver())
    ed25519 = PrivateKey.generate(Algorithm.ED25519).public_key
    with pytest.raises(UnusableSigner, match="signs no digests"):
        RemoteSigner(RemoteAddress.parse(service.address), "", ed25519, client_of(folder, b"correct horse"))


# --- both -----------------------------------------------------------------------------------------------------------


def test_a_signature_comes_as_two_numbers_or_as_der():
    key = PrivateKey.generate()
    raw = key.sign(b"a")
    key.public_key.verify_digest(raw, signature_forms.digest(Algorithm.P256, b"a"))
    for wrong in (b"", raw[1:], b"\x30" + raw):
        assert signature_forms.raw_signature(Algorithm.P256, wrong) is None
    with pytest.raises(InvalidSignature):
        key.public_key.verify_digest(raw[1:], bytes(32))
    with pytest.raises(InvalidSignature):
        PrivateKey.generate(Algorithm.ED25519).public_key.verify_digest(raw, bytes(32))


def test_the_rate_of_a_key_is_measured_by_signing(service, folder):
    ticks = count()
    rate = signing_rate.measure(KeySigner(PrivateKey.generate()), lambda: next(ticks), seconds=10)
    assert (rate.single, rate.signatures, rate.batch) == (1, 10, None)
    rate = signing_rate.measure(at_service(service, folder), lambda: next(ticks), seconds=2)
    assert (rate.single, rate.batch) == (1, signing_rate.BATCH)
    assert rate.signatures == 2 + 2 * signing_rate.BATCH
