"""``passport vc-api``: what stops it before it listens, and the server that it makes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from issuer.commands import vc_api
from tests.each import each


@pytest.fixture
def served(monkeypatch):
    """What would be served, without listening."""
    found = []
    monkeypatch.setattr(vc_api, "serve_api", lambda config, host, port: found.append(config))
    return found


def test_in_development_the_dids_come_as_environment_variables_and_no_key_is_written(shell, served, tmp_path):
    result = shell.run("vc-api", "--dev", "--base-url", "https://localhost:8443")
    lines = result.stdout.splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        f"export {name}" for name in ("ISSUER_DID", "ISSUER_DID_P256", "ISSUER_DID_P384")
    ]
    (config,) = served
    assert config.development and config.token is None and config.base_url == "https://localhost:8443"
    assert set(config.issuers) >= {"", "eddsa-rdfc-2022", "ecdsa-sd-2023", "ecdsa-jcs-2019-p384", "status"}


def test_without_a_token_a_project_is_not_served(shell, served, monkeypatch):
    monkeypatch.delenv("PASSPORT_VC_API_TOKEN", raising=False)
    shell.run("init", shell.folder / "shop", "--base-url", "https://passport.example.com")
    result = shell.run("vc-api", "--project", shell.folder / "shop", code=2)
    assert "PASSPORT_VC_API_TOKEN" in result.stderr
    assert served == []


def test_a_project_is_served_with_its_own_key_and_trust_list_and_nothing_foreign(shell, served, monkeypatch):
    monkeypatch.setenv("PASSPORT_VC_API_TOKEN", "t" * 40)
    shell.run("init", shell.folder / "shop", "--base-url", "https://passport.example.com")
    shell.run("vc-api", "--project", shell.folder / "shop")
    (config,) = served
    assert (config.development, config.foreign, "controller" in config.decisive) == (False, False, True)
    assert "status" not in config.issuers and "ecdsa-sd-2023" in config.issuers


@pytest.mark.parametrize(
    "words",
    [
        ("--dev", "--host", "0.0.0.0"),
        ("--context", "https://example.org/c=x.jsonld"),
        ("--base-url", "https://example.org"),
        ("--dev", "--context", "https://example.org/c"),
        ("--dev", "--context", "https://example.org/c=nothing-here.jsonld"),
    ],
)
def test_what_opens_a_door_or_makes_no_sense_is_refused(shell, served, words):
    shell.run("vc-api", *words, code=2)
    assert served == []


# --- the server -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """``passport vc-api --dev`` as a process of its own: its port and the DID of its P-256 issuer."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    command = [sys.executable, "-c", "from passport.commands import main; main()", "vc-api", "--dev"]
    process = subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=tmp_path_factory.mktemp("vc-api"), env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        dids = [process.stdout.readline().strip().partition("=")[2] for _ in range(3)]
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        yield port, dids[1], process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert "Traceback" not in process.stderr.read()


def talk(port: int, data: bytes) -> bytes:
    """Everything that is answered to ``data`` until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(data)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
        return b"".join(parts)


def post(port: int, path: str, document: dict) -> tuple[bytes, dict]:
    body = json.dumps(document).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
    head, _, answer = talk(port, f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body).partition(b"\r\n\r\n")
    return head, json.loads(answer)


@each("subject", ["the issuer itself", "https://a.example/1"])
def test_a_self_issued_credential_with_an_issuer_object_is_issued_and_verified_over_http(running, subject):
    port, did, _ = running
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": {"id": did, "name": "Self-issued", "description": "an issuer object"},
        "credentialSubject": {"id": did if "itself" in subject else subject, "name": "Self-issued"},
    }
    head, answer = post(port, "/ecdsa-rdfc-2019-p256/credentials/issue", {"credential": document, "options": {}})
    assert b" 201 " in head, answer
    signed = answer["verifiableCredential"]
    assert signed["issuer"] == document["issuer"]
    head, answer = post(port, "/credentials/verify", {"verifiableCredential": signed, "options": {}})
    assert b" 200 " in head and answer["verified"] is True
    signed["issuer"]["name"] = "Somebody else"
    head, answer = post(port, "/credentials/verify", {"verifiableCredential": signed, "options": {}})
    assert b" 400 " in head and answer["verified"] is False


def test_no_development_server_answers(running):
    port, _, _ = running
    head = talk(port, b"GET /status/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").partition(b"\r\n\r\n")[0]
    assert b"200" in head and b"werkzeug" not in head.lower() and b"server:" not in head.lower()


def test_a_body_that_is_too_large_is_refused_without_being_read(running):
    port, _, _ = running
    head = b"POST /credentials/issue HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n"
    answer = talk(port, head + b"Content-Length: 4000001\r\n\r\n")
    assert b" 413 " in answer.partition(b"\r\n")[0]


def test_a_head_without_end_is_refused(running):
    port, _, _ = running
    assert b" 431 " in talk(port, b"GET /status/1 HTTP/1.1\r\nX: " + b"y" * 70_000)[:40]
