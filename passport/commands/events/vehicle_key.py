"""``passport key vehicle``: the shared keys under which events carry hashes of vehicles.

An event names a vehicle by a keyed hash of its VIN. Only a holder of the key can match two events on one vehicle.
The key goes to another actor encrypted to that actor's key. The VIN itself is read from standard input and never given
as an argument, which other users of the machine could list.
"""

from __future__ import annotations

from pathlib import Path

import click

from passport.commands.terminal import console
from passport.errors import MalformedIdentifier, UsageError
from passport.identity.did import DidResolver, methods_for
from passport.identity.keys import Algorithm, PrivateKey, PublicKey
from passport.identity.shared_secret import SharedSecret
from passport.lifecycle.vehicles import vehicle_hash
from passport.project import Project
from passport.texts import Message

#: What the messages with such a key are for; part of their type.
KIND = "vehicle-key"
#: An actor signs its events with this key, and opens what is sent to it with the same one.
_PURPOSE = "assertionMethod"


@click.group()
def vehicle() -> None:
    """Make, deliver and use the shared keys under which events carry hashes of vehicles.

    \b
    Examples:
      passport key vehicle new --project shop
      passport key vehicle seal 4f1c20a97be3d815 --for did:key:zDn… -o for-repairer.jwe --project shop
      passport key vehicle open for-repairer.jwe --project repairer
      passport key vehicle hash --project repairer < vins.txt
    """


@vehicle.command()
@click.option("--id", "key_id", help="Name of the key (default: random). Every event that uses the key names it.")
@console.project_option
@console.command
def new(key_id: str | None, project_folder: str | None, as_json: bool) -> None:
    """Make a key for hashes of vehicles in the project. Use one key for as long as it is secret.

    After a leak make a new one and deliver it. New events then carry the hash under both keys; what cannot be matched
    is unknown, never another vehicle.

    \b
    Example:
      passport key vehicle new --project shop
    """
    project = Project.find(project_folder)
    secret = SharedSecret.generate(key_id)
    path = project.keep_vehicle_key(secret)
    _told(secret, path, as_json)


@vehicle.command(name="list")
@console.project_option
@console.command
def list_(project_folder: str | None, as_json: bool) -> None:
    """List the ids of the project's keys for hashes of vehicles. The keys themselves are never printed.

    \b
    Example:
      passport key vehicle list --project shop
    """
    ids = [secret.id for secret in Project.find(project_folder).vehicle_keys()]
    if as_json:
        console.say_json({"keys": ids})
        return
    for key_id in ids:
        console.say(key_id)
    if not ids:
        console.say(Message("no key for hashes of vehicles in this project"))


@vehicle.command()
@click.argument("key_id", metavar="ID")
@click.option(
    "--for", "recipient", required=True, metavar="DID", help="The actor, by a did:key, or a DID on the trust list."
)
@console.output_option("-o", "--output", endings=(".jwe", ".txt"), help="File to write (default: stdout).")
@console.project_option
@console.command
def seal(
    key_id: str, recipient: str, output: console.Destination | None, project_folder: str | None, as_json: bool
) -> None:
    """Encrypt the key ID for an actor, who alone can open it (JWE, ECDH-ES with A256GCM).

    \b
    Example:
      passport key vehicle seal 4f1c20a97be3d815 --for did:key:zDn… -o for-repairer.jwe --project shop
    """
    project = Project.find(project_folder)
    secret = _key(project, key_id)
    kid, public = _recipient_key(project, recipient)
    token = secret.sealed_for(public, kind=KIND, kid=kid)
    if as_json:
        console.deliver_json({"key": secret.id, "for": recipient, "jwe": token}, output)
    else:
        console.deliver((token + "\n").encode("ascii"), output)


@vehicle.command(name="open")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--key", "key_path", type=click.Path(path_type=Path), help="Private key (default: the project's own).")
@console.project_option
@console.passphrase_option
@console.command
def open_(
    path: Path, key_path: Path | None, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Open a key in FILE that was encrypted for this project, and keep it. It is never printed.

    \b
    Example:
      passport key vehicle open for-repairer.jwe --project repairer
    """
    project = Project.find(project_folder)
    private = PrivateKey.load(key_path or project.key_path, console.read_passphrase(passphrase_file))
    token = console.read_input(str(path)).decode("ascii", "replace")
    secret = SharedSecret.opened(token, private, kind=KIND)
    _told(secret, project.keep_vehicle_key(secret), as_json)


@vehicle.command(name="hash")
@click.option("--no-check-digit", is_flag=True, help="Take VINs without a check digit, as European makers give them.")
@console.project_option
@console.command
def hash_(no_check_digit: bool, project_folder: str | None, as_json: bool) -> None:
    """Print the hashes of the VINs on standard input, one a line, under every key of the project.

    The output is JSON either way: for each line the member "vehicle" of an event. It holds no VIN.

    \b
    Example:
      passport key vehicle hash --project repairer < vins.txt
    """
    secrets = Project.find(project_folder).vehicle_keys()
    if not secrets:
        raise UsageError(
            Message("no key for hashes of vehicles in this project"),
            hint=Message("passport key vehicle new makes one; passport key vehicle open takes that of another."),
        )
    hashes = []
    for number, line in enumerate(console.read_input("-").decode("utf-8", "replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            each = [
                vehicle_hash(line, secret.value, key_id=secret.id, check_digit=not no_check_digit) for secret in secrets
            ]
        except MalformedIdentifier as error:
            error.message = Message("line {number}: {message}", number=number, message=error.message)
            raise
        hashes.append([{"keyId": vehicle_hash.key_id, "hash": vehicle_hash.value} for vehicle_hash in each])
    console.produce_json(hashes)


def _key(project: Project, key_id: str) -> SharedSecret:
    secret = next((secret for secret in project.vehicle_keys() if secret.id == key_id), None)
    if secret is None:
        raise UsageError(
            Message("no key {key} for hashes of vehicles in this project", key=key_id[:80]),
            hint=Message("passport key vehicle list names them."),
        )
    return secret


def _recipient_key(project: Project, recipient: str) -> tuple[str, PublicKey]:
    """The P-256 key with which an actor signs, by its DID document: computed, or pinned in the trust list."""
    resolver = DidResolver(project.trust_list().did_documents())
    document = resolver.resolve(recipient.partition("#")[0])
    for url in [recipient] if "#" in recipient else sorted(methods_for(document, _PURPOSE)):
        method = resolver.verification_method(url, _PURPOSE, at=console.now())
        if method.public_key.algorithm is Algorithm.P256:
            return url, method.public_key
    raise UsageError(
        Message("{did} has no key that a message can be encrypted to", did=recipient[:200]),
        expected=Message("a P-256 key in its DID document"),
    )


def _told(secret: SharedSecret, path: Path, as_json: bool) -> None:
    if as_json:
        console.say_json({"key": secret.id, "file": str(path)})
    else:
        console.say(console.table([("Key", secret.id), ("File", str(path))]))
