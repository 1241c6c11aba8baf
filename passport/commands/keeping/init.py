"""``passport init``: make a project folder with an issuer of its own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from passport.battery.identifiers.address import check_base_url
from passport.commands.terminal import console
from passport.errors import UsageError
from passport.identity import did_web
from passport.identity.keys import Algorithm, PrivateKey
from passport.project import CONFIGURATION, ISSUER_KEY, Project
from passport.texts import Message
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    DECLARATION_TYPE,
    EVENT,
    MODEL,
    MODEL_DETAIL,
    PASSPORT,
    ROLE,
)
from passport.vocabulary.vocabulary import Audience

# What an operator is trusted for by its own trust list; others decide for themselves.
TRUSTED_FOR = (MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION, EVENT, ROLE, DECLARATION_TYPE)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--base-url", required=True, help="Address under which the passports are published.")
@click.option("--name", help="Name of the economic operator, for the trust list (default: the host of the base URL).")
@click.option("--name-zh", help="The same in Chinese.")
@click.option("--did-web", "did_web_issuer", is_flag=True, help="Issue as did:web of the base URL (production).")
@click.option("--regime", "regimes", multiple=True, help="Regime to validate against; repeatable (default: eu, cn).")
@console.passphrase_option
@console.command
def init(
    folder: Path,
    base_url: str,
    name: str | None,
    name_zh: str | None,
    did_web_issuer: bool,
    regimes: tuple[str, ...],
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Make FOLDER a project: passport.toml, a new P-256 issuer key, a trust list that names this issuer.

    \b
    Examples:
      passport init shop --base-url https://passport.example.com --name "Example Battery Co., Ltd."
      passport init shop --base-url https://passport.example.com --did-web --passphrase-file secret.txt
    """
    project = make_project(
        folder,
        base_url,
        names={"en": name, "zh": name_zh},
        did_web_issuer=did_web_issuer,
        regimes=regimes or ("eu", "cn"),
        passphrase=console.read_passphrase(passphrase_file),
    )
    if as_json:
        console.say_json({"folder": str(folder), "issuer": project.issuer, "baseUrl": project.base_url})
        return
    console.say_fact(Message("Issuer"), project.issuer, 9)
    keys = Message("new, P-256; the private key is in {folder}, readable by you only", folder=str(folder / "keys"))
    console.say_fact("", keys, 9)
    console.say_command(f"{console.program()} template --category ev -o packs.xlsx", indent=9, label=Message("Next"))
    issue = f"{console.program()} issue packs.xlsx --project {shlex.quote(str(folder))}"
    console.say_fact("", Message("fill it in, then"), 9)
    console.say_command(issue, indent=9)


def make_project(
    folder: Path,
    base_url: str,
    *,
    names: dict[str, str | None],
    did_web_issuer: bool = False,
    regimes: tuple[str, ...] = ("eu", "cn"),
    passphrase: bytes | None = None,
) -> Project:
    """Make the folder, the issuer's key and the trust list that names it.

    :raises UsageError: the folder holds a project already.
    """
    if (folder / CONFIGURATION).exists():
        raise UsageError(
            Message("{folder} is a project already", folder=folder),
            hint=Message("Choose another folder: none is ever overwritten."),
        )
    base_url = check_base_url(base_url)
    key = PrivateKey.generate(Algorithm.P256)
    if did_web_issuer:
        issuer = did_web.did_for(base_url)
        method = f"{issuer}#key-1"
        document = did_web.document(issuer, {"key-1": key.public_key})
    else:
        issuer = key.public_key.did_key
        method = f"{issuer}#{key.public_key.multikey}"
        document = None
    (folder / "keys").mkdir(parents=True, exist_ok=True)
    (folder / "keys").chmod(0o700)
    (folder / "out").mkdir(exist_ok=True)
    key.save(folder / ISSUER_KEY, passphrase)
    host = base_url.split("://", 1)[1]
    entry = {
        "id": issuer,
        "name": {"en": names.get("en") or host, "zh": names.get("zh") or names.get("en") or host},
        "trustedFor": list(TRUSTED_FOR),
        "regimes": list(regimes),
        # Whom roles of this issuer may let in. Without it, none.
        "audiences": [code.value for code in Audience if code is not Audience.PUBLIC],
    }
    if document is not None:
        entry["didDocument"] = document
        entry["pinnedOn"] = console.now().date().isoformat()
    project = Project(folder, base_url, issuer, method, regimes)
    trust_list = json.dumps({"issuers": [entry]}, ensure_ascii=False, indent=2) + "\n"
    console.write_output(project.trust_list_path, trust_list.encode())
    if document is not None:
        console.write_output(folder / "did.json", (json.dumps(document, indent=2) + "\n").encode())
    project.write()
    return project
