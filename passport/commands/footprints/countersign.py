"""``passport footprint countersign``, ``check`` and ``publish``: what a third party says of a declaration."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from passport.attestation.attested_values import LEVEL_CODES
from passport.commands.footprints.inventory_input import explained
from passport.commands.terminal import console
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import UsageError
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing import footprint_declaration
from passport.texts import Message


@click.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.option("--key", "key_path", type=click.Path(path_type=Path), required=True, help="The verifier's private key.")
@click.option(
    "--statement",
    default="The declaration conforms to the method it names.",
    show_default=True,
    help="What the verifier states.",
)
@click.option(
    "--inventory",
    "inventory_path",
    type=click.Path(path_type=Path),
    help="Calculate anew from this inventory; other figures than the declared ones are refused.",
)
@click.option(
    "--level",
    type=click.Choice(LEVEL_CODES),
    default=LEVEL_CODES[0],
    show_default=True,
    help="How far the values were examined.",
)
@click.option("--days", type=click.IntRange(1, 36600), help="How long it is valid (default: as the scheme says).")
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), required=True, help="File to write (.jsonld, .json)."
)
@console.passphrase_option
@console.command
def countersign(
    path: Path,
    key_path: Path,
    statement: str,
    inventory_path: Path | None,
    level: str,
    days: int | None,
    output: console.Destination,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Countersign the maker's DECLARATION as an independent verifier, with a did:key of your own.

    The countersignature is an attestation of the declared figures (BatteryAttestationCredential), under the scheme
    carbon-footprint.

    \b
    Example:
      passport footprint countersign declaration.jsonld --key verifier.pem --inventory inventory.xlsx -o verified.jsonld
    """
    document = strict_json.loads(console.read_input(str(path)))
    signed = footprint_declaration.declaration_in(document)
    result = explained(inventory_path, as_json).result if inventory_path else None
    digest = footprint_declaration.digest_of(inventory_path.read_bytes()) if inventory_path else None
    key = PrivateKey.load(key_path, console.read_passphrase(passphrase_file))
    issuer = Issuer(key.public_key.did_key, KeySigner(key))
    credential = footprint_declaration.countersign(
        signed, issuer, at=console.now(), statement=statement, result=result, inventory_digest=digest, level=level,
        days=days,
    )  # fmt: skip
    others = [member for member in footprint_declaration.members(document) if member != signed]
    output.write(strict_json.dumps(footprint_declaration.bundle([signed, credential, *others])))
    if as_json:
        console.say_json({"verification": credential["id"], "declaration": signed["id"], "file": str(output)})
    else:
        console.say(Message("{file}  countersigned by {issuer}", file=str(output), issuer=issuer.id))


@click.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.argument("passport_path", metavar="[PASSPORT]", type=click.Path(path_type=Path), required=False)
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), required=True, help="Trust list. No default.")
@click.option("--at", "instant", metavar="INSTANT", help="As of this instant, such as 2027-03-08T09:30:00Z.")
@console.command
def check(path: Path, passport_path: Path | None, trust_path: Path, instant: str | None, as_json: bool) -> None:
    """Check a countersigned DECLARATION, and that the figures of a saved PASSPORT are the declared ones.

    \b
    Exit codes: 0 all holds, 1 something does not, 2 unusable, 3 something could not be checked.
    Example:
      passport footprint check verified.jsonld view.jsonld --trust shop/trusted-issuers.json
    """
    at = _instant(instant)
    document = strict_json.loads(console.read_input(str(path)))
    passport_document = strict_json.loads(console.read_input(str(passport_path))) if passport_path else None
    examination = footprint_declaration.examine(document, passport_document, TrustList.load(trust_path), at=at)
    _print_examination(examination, as_json)
    if examination.holds is not True:
        raise SystemExit(1 if examination.holds is False else 3)


@click.command()
@click.argument("path", metavar="DECLARATION", type=click.Path(path_type=Path))
@click.option("--trust", "trust_path", type=click.Path(path_type=Path), help="Trust list (default: the project's).")
@console.project_option
@console.command
def publish(path: Path, trust_path: Path | None, project_folder: str | None, as_json: bool) -> None:
    """Keep a countersigned DECLARATION in the project, once it holds.

    \b
    Example:
      passport footprint publish verified.jsonld --project shop
    """
    project = Project.find(project_folder)
    trust = TrustList.load(trust_path) if trust_path else project.trust_list()
    document, at = strict_json.loads(console.read_input(str(path))), console.now()
    examination = footprint_declaration.examine(document, None, trust, at=at)
    if examination.holds is not True:
        _print_examination(examination, as_json)
        raise SystemExit(1 if examination.holds is False else 3)
    name = footprint_declaration.add_countersignature(project.open_store(), document, at=at, body=strict_json.dumps)
    if as_json:
        console.say_json({"verification": name})
    else:
        console.say_fact(Message("kept"), name, 6)


def _instant(text: str | None) -> datetime:
    try:
        at = console.now() if text is None else datetime.fromisoformat(text)
    except ValueError:
        at = datetime.min
    if at.tzinfo is None:
        raise UsageError(
            Message("--at is not an instant"), expected=Message("such as 2027-03-08T09:30:00Z"), found=repr(text)[:80]
        )
    return at


def _print_examination(examination: footprint_declaration.Examination, as_json: bool) -> None:
    if as_json:
        console.say_json(examination.to_json())
        return
    sentences = {True: "The declaration holds.", False: "Do not rely on this declaration.", None: "Not fully checked."}
    console.say(f"{sentences[examination.holds]}\n")
    for each in examination.checks:
        name = console.pad(each.name, 38)
        console.say(f"{each.number}  ", console.mark(each.outcome.value), f"  {name}  {each.detail}".rstrip())
