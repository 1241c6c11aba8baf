"""``passport present``: show a role credential to a resolver that asked for it."""

from __future__ import annotations

from pathlib import Path

import click

from passport.commands.terminal import console
from passport.credentials.issuer import Issuer
from passport.errors import MalformedCredential
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.texts import Message


@click.command()
@click.argument("path", metavar="ROLE", type=click.Path(path_type=Path))
@click.option("--key", "key_path", required=True, type=click.Path(path_type=Path), help="The holder's private key.")
@click.option("--challenge", required=True, help="The single-use challenge that the resolver gave.")
@click.option("--domain", required=True, help="The resolver's base URL; a presentation is good for that one only.")
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), help="File to write (.jsonld, .json; default: stdout)."
)
@console.passphrase_option
@console.command
def present(
    path: Path,
    key_path: Path,
    challenge: str,
    domain: str,
    output: console.Destination | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Sign a presentation of the role credential in the file ROLE, for POST /token. The output is JSON either way.

    \b
    Example (BASE is the resolver's address):
      curl -s -X POST BASE/challenge
      passport present role.jsonld --key recycler.pem --challenge CHALLENGE --domain BASE -o vp.jsonld
    """
    role = strict_json.loads(console.read_input(str(path)))
    if not isinstance(role, dict):
        raise MalformedCredential(Message("{path} holds no credential", path=path))
    key = PrivateKey.load(key_path, console.read_passphrase(passphrase_file))
    signer = KeySigner(key)
    presentation = Issuer(key.public_key.did_key, signer).present(
        [role],
        holder=key.public_key.did_key,
        challenge=challenge,
        domain=domain,
        created=console.now().replace(microsecond=0),
    )
    if output is not None:
        output.write(strict_json.dumps(presentation))
        if not as_json:
            console.say(str(output))
            return
    console.produce_json(presentation)
