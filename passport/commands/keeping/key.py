"""``passport key``: make keys, show what may be shown of them, and exchange the issuer's own."""

from __future__ import annotations

import time
from pathlib import Path

import click

from passport.commands.events.vehicle_key import vehicle
from passport.commands.keeping import rotation
from passport.commands.terminal import console
from passport.identity import did_web
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signers import signing_rate
from passport.project import Project
from passport.texts import Message


@click.group()
def key() -> None:
    """Make keys, show what may be shown of them, and exchange the issuer's own.

    \b
    Examples:
      passport key generate recycler.pem
      passport key rotate --project shop
      passport key rate --project shop
      passport key compromised --since 2027-03-01T00:00:00Z --dry-run --project shop
      passport key vehicle new --project shop
    """


for _command in (rotation.list_, rotation.rotate, rotation.compromised, vehicle):
    key.add_command(_command)


@key.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--algorithm",
    type=click.Choice([Algorithm.P256.value, Algorithm.ED25519.value]),
    default=Algorithm.P256.value,
    show_default=True,
    help="Passports are signed with P-256; Ed25519 serves holders of roles too.",
)
@console.passphrase_option
@console.command
def generate(path: Path, algorithm: str, passphrase_file: str | None, as_json: bool) -> None:
    """Make a private key at PATH (mode 600; encrypted with --passphrase-file). Never overwrites.

    \b
    Examples:
      passport key generate recycler.pem
      passport key generate issuer.pem --passphrase-file secret.txt
    """
    private_key = PrivateKey.generate(Algorithm(algorithm))
    private_key.save(path, console.read_passphrase(passphrase_file))
    _print(private_key, path, as_json)


@key.command()
@click.argument("path", type=click.Path(path_type=Path))
@console.passphrase_option
@console.command
def show(path: Path, passphrase_file: str | None, as_json: bool) -> None:
    """Show the public half of the key at PATH: algorithm, did:key, Multikey. The private half is never printed.

    \b
    Example:
      passport key show shop/keys/issuer.pem
    """
    console.is_product()
    _print(PrivateKey.load(path, console.read_passphrase(passphrase_file)), path, as_json)


@key.command()
@click.option(
    "--seconds",
    type=click.FloatRange(0.1, 60),
    default=2.0,
    show_default=True,
    help="How long to sign for each figure.",
)
@console.project_option
@console.passphrase_option
@console.command
def rate(seconds: float, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Measure how many signatures a second the issuer's key makes: in its file, in a token, or at a service.

    A run of passport issue makes at least two signatures for each pack, and one more for each indicator of a read-out.
    The latter are made with a key of one use in memory, so that they do not wait for a token or service.

    \b
    Example:
      passport key rate --project shop --passphrase-file pin.txt
    """
    project = Project.find(project_folder)
    signer = project.open_signer(console.read_passphrase(passphrase_file))
    measured = signing_rate.measure(signer, time.perf_counter, seconds=seconds)
    kind = "file" if project.signer is None else project.signer.partition(":")[0]
    algorithm = signer.public_key.algorithm.value
    if as_json:
        console.say_json({
            "kind": kind, "key": project.verification_method, "algorithm": algorithm,
            "signatures": measured.signatures, "perSecond": round(measured.single, 1),
            "perSecondInBatches": None if measured.batch is None else round(measured.batch, 1),
            "batch": None if measured.batch is None else signing_rate.BATCH,
        })  # fmt: skip
        return
    console.say_fact(Message("Key"), project.verification_method, 10)
    console.say_fact(Message("Kind"), f"{kind}, {algorithm}", 10)
    console.say_fact(
        Message("Rate"), Message("{rate:,.0f} signatures a second, one after the other", rate=measured.single), 10
    )
    if measured.batch is not None:
        batch = Message("{rate:,.0f} a second in batches of {n}", rate=measured.batch, n=signing_rate.BATCH)
        console.say_fact("", batch, 10)


@key.command(name="did-document")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--base-url", required=True, help="Address under which did.json will be served.")
@click.option("--fragment", default="key-1", show_default=True, help="Name of the key in the document.")
@console.passphrase_option
@console.command
def did_document(path: Path, base_url: str, fragment: str, passphrase_file: str | None, as_json: bool) -> None:
    """Print the did:web document of the key at PATH, to be served at /.well-known/did.json.

    \b
    Example:
      passport key did-document shop/keys/issuer.pem --base-url https://passport.example.com
    """
    private_key = PrivateKey.load(path, console.read_passphrase(passphrase_file))
    did = did_web.did_for(base_url)
    console.produce_json(did_web.document(did, {fragment: private_key.public_key}))


def _print(private_key: PrivateKey, path: Path, as_json: bool) -> None:
    public = private_key.public_key
    if as_json:
        console.say_json(
            {"file": str(path), "algorithm": public.algorithm.value, "did": public.did_key, "multikey": public.multikey}
        )
        return
    rows = [("File", str(path)), ("Algorithm", public.algorithm.value), ("DID", public.did_key)]
    console.say(console.table([*rows, ("Multikey", public.multikey)]))
