"""``passport vc-api``: the W3C VC API over HTTP. It signs, so it runs apart from the resolver, which holds no key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from passport.commands.terminal import console
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.errors import UsageError
from passport.identity import Algorithm, KeySigner, PrivateKey
from passport.linked_data import contexts, strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.texts import Message
from passport.web.listening import check_port

TOKEN = "PASSPORT_VC_API_TOKEN"  # noqa: S105  the name of the variable, not its value


@click.command(name="vc-api")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8470, show_default=True, help="Port to listen on.")
@click.option("--dev", is_flag=True, help="For test suites: new keys, no token, any issuer, loopback only.")
@click.option("--base-url", help="Address under which status lists are named (with --dev).")
@click.option(
    "--context",
    "context_files",
    multiple=True,
    metavar="URL=FILE",
    help="Pin one more context (with --dev; repeatable).",
)
@console.project_option
@console.passphrase_option
@console.command
def vc_api(
    host: str,
    port: int,
    dev: bool,
    base_url: str | None,
    context_files: tuple[str, ...],
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Issue and verify credentials over HTTP (W3C VC API), with the project's key. Needs PASSPORT_VC_API_TOKEN.

    With --dev it makes keys for this run, prints their DIDs as environment variables, and needs no project and no
    token: for conformance suites on this machine, never for passports.

    \b
    Examples:
      passport vc-api --project shop
      passport vc-api --dev --base-url https://localhost:8443
    """
    try:
        from issuer.vc_api import VcApiConfig
        from passport.web import server  # noqa: F401  before any key is opened
    except ImportError:
        raise UsageError(
            Message("the server is not installed"), hint=Message('pip install "battery-passport[server]"')
        ) from None
    if not dev:
        if context_files or base_url:
            raise UsageError(Message("--context and --base-url belong to --dev"))
        project = Project.find(project_folder)
        issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
        config = VcApiConfig(
            suites({issuer.signer.public_key.algorithm: issuer}),
            project.trust_list(),
            project.base_url,
            token=os.environ.get(TOKEN),
        )
        serve_api(config, host, port)
        return
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise UsageError(Message("--dev answers loopback only"), expected="--host 127.0.0.1", found=host)
    issuers = {}
    for algorithm, variable in (
        (Algorithm.ED25519, "ISSUER_DID"),
        (Algorithm.P256, "ISSUER_DID_P256"),
        (Algorithm.P384, "ISSUER_DID_P384"),
    ):
        key = PrivateKey.generate(algorithm)
        issuers[algorithm] = Issuer(key.public_key.did_key, KeySigner(key))
        console.say("export ", f"{variable}={key.public_key.did_key}")
    console.print_now()
    config = VcApiConfig(
        suites(issuers),
        UnsafeAnyIssuer(),
        base_url or f"http://{host}:{port}",
        development=True,
        decisive=("model", "proof", "validity", "status"),
        foreign=True,
        loader=contexts.PINNED.extended(dict(_context(text) for text in context_files)),
    )
    serve_api(config, host, port)


def suites(issuers: dict[Algorithm, Issuer]) -> dict[str, Any]:
    """The paths of the VC API, as far as there are keys for them; the first is also ``/credentials/issue``."""
    from issuer.vc_api import SuiteIssuer

    paths: dict[str, Any] = {}
    for path, suite, algorithm in (
        ("ecdsa-rdfc-2019-p256", "ecdsa-rdfc-2019", Algorithm.P256),
        ("ecdsa-jcs-2019-p256", "ecdsa-jcs-2019", Algorithm.P256),
        ("ecdsa-sd-2023", "ecdsa-sd-2023", Algorithm.P256),
        ("ecdsa-rdfc-2019-p384", "ecdsa-rdfc-2019", Algorithm.P384),
        ("ecdsa-jcs-2019-p384", "ecdsa-jcs-2019", Algorithm.P384),
        ("eddsa-rdfc-2022", "eddsa-rdfc-2022", Algorithm.ED25519),
        ("eddsa-jcs-2022", "eddsa-jcs-2022", Algorithm.ED25519),
    ):
        if algorithm in issuers:
            paths[path] = SuiteIssuer(issuers[algorithm], suite)
            paths.setdefault("", paths[path])
    # Lists that live as long as the process are for development; a project's lists are in its store.
    if Algorithm.ED25519 in issuers and len(issuers) > 1:
        paths["status"] = SuiteIssuer(issuers[Algorithm.ED25519], "eddsa-rdfc-2022", status=True)
    return paths


def _context(text: str) -> tuple[str, JsonObject]:
    url, equals, name = text.partition("=")
    try:
        document = strict_json.loads(Path(name).read_bytes()) if equals else None
    except OSError as error:
        raise UsageError(Message("{name} cannot be read", name=name), found=error.strerror) from None
    if not isinstance(document, dict):
        raise UsageError(Message("not a context"), expected=Message("--context URL=FILE"), found=text[:120])
    return url, document


def serve_api(config: Any, host: str, port: int) -> None:
    from issuer.vc_api import MAX_BODY, create_vc_api
    from passport.web.server import Application, serve

    check_port(host, port)
    console.talk(Message("VC API on {host}, port {port}; Ctrl-C stops.", host=host, port=port))
    # One process that holds the key and the lists; threads suffice for what speaks to it.
    serve(Application(create_vc_api(config, now=console.now), max_body=MAX_BODY), host, port)
