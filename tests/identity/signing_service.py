"""A signing service on the loopback: keys in memory, a certificate of its own, and clients that have to show theirs."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

PATH = "/csc/v2/signatures/signHash"


class Authority:
    """Issues certificates for the loopback."""

    def __init__(self, name: str) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = self._signed(self._name, self._key.public_key(), is_authority=True)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, passphrase: bytes | None = None) -> bytes:
        """A certificate and its private key in one PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        encryption = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
        return self._signed(subject, key.public_key()).public_bytes(serialization.Encoding.PEM) + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
        )

    def _signed(self, subject: x509.Name, key: Any, *, is_authority: bool = False) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=30))
            .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
            .add_extension(_usage(is_authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .add_extension(alternative, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _usage(is_authority: bool) -> x509.KeyUsage:
    """RFC 5280, 4.2.1.3: an authority signs certificates; the others sign what they say."""
    return x509.KeyUsage(
        digital_signature=not is_authority, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_authority, crl_sign=is_authority,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


class SigningService:
    """:ivar batches: how many digests each request had; :ivar answered: waits here before each answer."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.batches: list[int] = []
        self.before_answer: Callable[[], None] = lambda: None
        self.edit: Callable[[list[str]], list[str]] = lambda signatures: signatures
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if self.path != PATH or asked["credentialID"] != "issuer":
                    self.send_error(404)
                    return
                assert asked["hashAlgorithmOID"] == "2.16.840.1.101.3.4.2.1"
                service.batches.append(len(asked["hashes"]))
                service.before_answer()
                signed = [service.sign(base64.b64decode(text)) for text in asked["hashes"]]
                body = json.dumps({"signatures": service.edit(signed)}).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                return

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        (folder / "service.pem").write_bytes(authority.issue("127.0.0.1"))
        (folder / "clients.pem").write_bytes(authority.pem())
        context.load_cert_chain(folder / "service.pem")
        context.load_verify_locations(folder / "clients.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self._server = _Server(("127.0.0.1", 0), Handler, context)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def sign(self, digest: bytes) -> str:
        """As DER, which is what such services answer."""
        return base64.b64encode(self.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))).decode()

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self._server.server_address[1]}/csc/v2?credentialID=issuer"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], handler: Any, context: ssl.SSLContext) -> None:
        super().__init__(address, handler)
        self._context = context

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        # The handshake is made by the thread that answers, with the first byte it reads.
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_: object) -> None:
        return
