"""A web server on loopback for tests of fetching, and a client for which it stands for the internet."""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from passport.identity.http_client import GuardedClient

HOST = "battery.example.com"
PUBLIC = "93.184.216.34"


class WebServer:
    """Answers every request with what the test put there.

    :ivar answers: body by path, where paths differ; :ivar redirects: target by path.
    :ivar requests: path and ``Host`` of each request.
    """

    def __init__(self, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        server = self
        self.status, self.headers, self.requests = 200, {}, []
        self.body = b""
        self.answers: dict[str, bytes] = {}
        self.redirects: dict[str, str] = {}
        self.received: list[Any] = []
        self.stall = threading.Event()
        self.drip = False

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.requests.append((self.path, self.headers.get("Host")))
                server.received.append(self.headers)
                known = not server.answers or self.path in server.answers
                target = server.redirects.get(self.path)
                self.send_response(307 if target else server.status if known else 404)
                if target:
                    self.send_header("Location", target)
                for name, value in server.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if server.drip:
                    server.stall.wait(20)
                self.wfile.write(server.answers.get(self.path, server.body) if known else b"")

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        if tls is not None:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.url = f"http://{address}:{self.port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def close(self) -> None:
        self.stall.set()
        self.server.shutdown()
        self.server.server_close()


def make_certificate(folder: Path, host: str = HOST) -> Path:
    """A certificate for the host and its key in one file, valid now: the system's clock counts for TLS."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "host.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def make_secure_server(certificate: Path) -> WebServer:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    return WebServer(tls)


class Disguised(socket.socket):
    """A connection to loopback that says it ends at another address: the internet in a test."""

    peer = PUBLIC

    def getpeername(self) -> tuple[str, int]:
        return (self.peer, 443)


def addresses_of(*addresses: str) -> Callable[..., list]:
    """A look-up that gives these addresses for each name."""

    def lookup(host: str, port: int, **_: Any) -> list:
        return [(None, None, None, "", (address, port)) for address in addresses]

    return lookup


def disguised_client(
    server: WebServer, certificate: Path, *, addresses: tuple[str, ...] = (PUBLIC,), peer: str = PUBLIC, **options: Any
) -> GuardedClient:
    """A client for which each name is at ``addresses``, and whose connections end at ``server``."""

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address[0] in addresses
        connection = Disguised(socket.AF_INET, socket.SOCK_STREAM)
        connection.peer = peer
        connection.settimeout(timeout)
        connection.connect(("127.0.0.1", server.port))
        return connection

    tls = ssl.create_default_context(cafile=str(certificate))
    return GuardedClient(tls=tls, lookup=addresses_of(*addresses), connect=connect, **options)
