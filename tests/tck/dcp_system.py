"""Credential service, issuer and verifier as the Decentralized Claims Protocol's compatibility kit wants them.

    python -m tests.tck.dcp_system JARS

One company plays the three roles, each in a run of its own; the kit plays the others. The kit asks a token service for
our access tokens, tells a verifier to begin, and knows one request of ours for credentials: these are here. The rest is
the product's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from flask import request as flask_request
from werkzeug.serving import make_server

from issuer.connector_face import ConnectorFaceConfig, create_connector
from passport.connector.claims.company_identity import KnownDocuments, exchange_document
from passport.connector.claims.credential_service import HolderService
from passport.connector.claims.issuer_service import IssuanceService
from passport.connector.claims.peer_verifier import ClaimsAuthenticator
from passport.connector.claims.self_issued import SelfIssuer, TokenValidator
from passport.connector.claims.status_lists import PeerStatus
from passport.credentials.trust import Acceptance
from passport.credentials.wording import Phrase
from passport.errors import UnauthenticatedPeer
from passport.identity.did_web_fetch import DidWebFetcher
from passport.identity.http_client import GuardedClient
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.store.state.exchange_state import ExchangeState

HERE = Path(__file__).resolve().parent
PACKAGE = "org.eclipse.dataspacetck.dcp.verification"
#: Role of ours -> packages of the kit, setting that names us.
RUNS = {
    "holder": ([f"{PACKAGE}.presentation.cs", f"{PACKAGE}.issuance.cs"], "did.holder"),
    "issuer": ([f"{PACKAGE}.issuance.issuer"], "did.issuer"),
    "verifier": ([f"{PACKAGE}.presentation.verifier"], "did.verifier"),
}
MEMBERSHIP, SENSITIVE = "MembershipCredential", "SensitiveDataCredential"
REQUEST = "request-of-the-kit"


def now() -> datetime:
    return datetime.now(UTC)


class KitDocuments:
    """The kit's DID documents. Those of 1.0.0-RC6 list their key under no purpose, which 1.0.1 of the protocol requires
    (Validating Self-Issued ID Tokens, 3); it is added here, where a document lists none at all."""

    def __init__(self, documents: KnownDocuments) -> None:
        self._documents = documents

    def document(self, did, *, at):
        document = self._documents.document(did, at=at)
        keys = [method["id"] for method in document["verificationMethod"]]
        purposes = ("authentication", "assertionMethod", "capabilityInvocation")
        return {**dict.fromkeys(purposes, keys), **document}


class KitTrust:
    """Trusts the kit's issuer, whose key is a new one in each run."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def accepts(self, issuer_id, credential_types):
        good = issuer_id == self._issuer and set(credential_types) <= {MEMBERSHIP, SENSITIVE}
        return Acceptance(good, Phrase("trusted"))


def system(folder: Path, port: int, kit: int):
    """The server and what it answers with."""
    root = f"http://localhost:{port}"
    did = f"did:web:localhost%3A{port}:company"
    key = PrivateKey.generate()
    method = f"{did}#{key.public_key.multikey}"
    signer = KeySigner(key, method)
    state = ExchangeState(folder / "connector.db")
    with state.turn() as turn:
        turn.keep_credential_request(REQUEST, "holder", f"did:web:localhost%3A{kit}:issuer", "", "RECEIVED", b"{}")
    client = GuardedClient().naming(root)
    documents = KitDocuments(KnownDocuments(fetcher=DidWebFetcher(client, loopback=True)))
    own = SelfIssuer(did, signer)

    def use(token, until, at):
        with state.turn() as turn:
            return turn.use_token(token, until=until, at=at)

    validator = TokenValidator(did, documents, use)
    trust = KitTrust(f"did:web:localhost%3A{kit}:issuer")
    revoked = PeerStatus(documents, client, trust).revoked
    issuance = IssuanceService(
        own, validator, state, (MEMBERSHIP, SENSITIVE), lambda holder, type_: {"roles": ["member"]}, client, root,
        revoked,
    )  # fmt: skip
    authenticator = ClaimsAuthenticator(own, validator, documents, trust, client, (MEMBERSHIP,), revoked)
    app = create_connector(ConnectorFaceConfig([HolderService(own, validator, state).answer, issuance.answer]), now=now)

    @app.before_request
    def form():
        # The token service of the kit takes a form, which the connector does not.
        if flask_request.path == "/sts/token":
            return sts()
        return None

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())

    def sts():
        scopes = flask_request.form["bearer_access_scope"].split(" ")
        return {"access_token": own.token(flask_request.form["audience"], at=now(), scopes=scopes)}

    @app.get("/company/did.json")
    def did_json():
        own_key = {
            "id": method, "type": "JsonWebKey", "controller": did, "publicKeyJwk": key.public_key.jwk,
        }  # fmt: skip
        purposes = dict.fromkeys(("authentication", "assertionMethod", "capabilityInvocation"), [method])
        document = {
            "@context": ["https://www.w3.org/ns/did/v1"],
            "id": did,
            "verificationMethod": [own_key],
            **purposes,
        }
        return exchange_document(document, method, PrivateKey.generate().public_key, root, issues=True)

    @app.post("/trigger")
    def trigger():
        # The kit's message is not one of 2025-1; only who sends it is looked at.
        try:
            authenticator.authenticate(flask_request.headers.get("Authorization"), flask_request.get_data(), at=now())
        except UnauthenticatedPeer as error:
            return {"code": error.code, "found": error.found}, 401
        return {}

    stopped = threading.Event()

    def deliver():
        while not stopped.wait(0.3):
            issuance.deliver(at=now())

    threading.Thread(target=deliver, daemon=True).start()
    server = make_server("127.0.0.1", port, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    warm_up(own, did, root)
    return server, did, stopped


def warm_up(own: SelfIssuer, did: str, root: str) -> None:
    """One request to ourselves, so that the kit's first scenario does not wait for what is loaded only once."""
    token = own.token(did, at=now(), scopes=["org.eclipse.dspace.dcp.vc.type:None:read"], body=b"{}")
    asked = Request(f"{root}/trigger", b"{}", {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    with suppress(HTTPError):
        urlopen(asked, timeout=120).close()


def main() -> int:
    jars, code = Path(sys.argv[1]), 0
    for number, (role, (packages, setting)) in enumerate(RUNS.items()):
        if len(sys.argv) > 2 and role not in sys.argv[2:]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            port, kit = 8290 + 2 * number, 8291 + 2 * number
            server, did, stopped = system(Path(folder), port, kit)
            settings = {
                "dataspacetck.debug": os.environ.get("TCK_DEBUG", "false"),
                "dataspacetck.launcher": "org.eclipse.dataspacetck.dcp.system.DcpSystemLauncher",
                "dataspacetck.port": str(kit),
                "dataspacetck.callback.address": f"http://localhost:{kit}",
                f"dataspacetck.{setting}": did,
                "dataspacetck.credentials.correlation.id": REQUEST,
                "dataspacetck.vpp.trigger.endpoint": f"http://localhost:{port}/trigger",
                **({
                    "dataspacetck.sts.url": f"http://localhost:{port}/sts",
                    "dataspacetck.sts.client.id": "kit",
                    "dataspacetck.sts.client.secret": "none",
                } if role == "holder" else {}),
            }  # fmt: skip
            for name in ("holder", "issuer", "verifier", "thirdparty"):
                settings.setdefault(f"dataspacetck.did.{name}", f"did:web:localhost%3A{kit}:{name}")
            file = Path(folder) / "tck.properties"
            file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="utf-8")
            print(f"--- {role}", flush=True)
            command = ["java", "-cp", f"{jars}/*", str(HERE / "RunTck.java"), str(file), *packages]
            try:
                code |= subprocess.run(command, check=False).returncode
            finally:
                stopped.set()
                server.shutdown()
    return code


if __name__ == "__main__":
    sys.exit(main())
