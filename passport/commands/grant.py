"""``passport grant``: a role credential for somebody who may see more."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import click

from passport.battery.access import PURPOSES, Right, check_right
from passport.battery.derived_context import CONTEXT
from passport.battery.vocabulary import Audience
from passport.commands import console
from passport.commands.init import ROLE
from passport.commands.project_parts import find_subject
from passport.credentials.credential import CREDENTIALS_V2, date_time
from passport.credentials.issuer import Issuer
from passport.credentials.wording import shortened
from passport.errors import MalformedKey
from passport.identity.did import DidResolver, is_computed
from passport.linked_data import strict_json
from passport.project import Project


@click.command()
@click.argument("holder")
@click.option(
    "--audience", required=True, type=click.Choice([code.value for code in Audience if code is not Audience.PUBLIC]),
    help="What the holder may see.",
)
@click.option(
    "--purpose", required=True,
    help="For what; shown on the page and kept in the access log. It decides what a legitimate interest opens: "
    + ", ".join(PURPOSES) + ".",
)
@click.option("--pack", "packs", multiple=True, help="Only these packs (address, code, serial number); repeatable.")
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True, help="How long it is valid.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def grant(
    holder: str,
    audience: str,
    purpose: str,
    packs: tuple[str, ...],
    days: int,
    output: Path | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Issue a role credential to HOLDER, a DID. Whoever trusts this issuer for roles lets the holder see more.

    \b
    Examples:
      passport key generate recycler.pem
      passport grant did:key:zDn… --audience legitimate-interest --purpose recycling -o role.jsonld
    """
    project = Project.find(project_folder)
    subjects = ()
    if packs:
        store = project.open_store()
        subjects = tuple(find_subject(store, pack, project.base_url) for pack in packs)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    at = console.now()
    document = role_credential(
        project, issuer, holder, Audience(audience), purpose, subjects, at, at + timedelta(days=days)
    )
    if output is not None:
        console.write_output(output, strict_json.dumps(document))
        if not as_json:
            console.say(f"{output}  {audience} for {shortened(holder)}, {days} days")
            return
    console.say_json(document)


def role_credential(
    project: Project,
    issuer: Issuer,
    holder: str,
    audience: Audience,
    purpose: str,
    packs: tuple[str, ...],
    valid_from: datetime,
    valid_until: datetime,
) -> dict:
    """A signed BatteryRoleCredential.

    :raises MalformedKey: ``holder`` is a did:key or did:jwk that holds no key.
    :raises UsageError: the policy knows no such purpose, or asks for packs to be named.
    """
    check_right(Right(audience, purpose), names_packs=bool(packs))
    if not holder.startswith("did:"):
        raise MalformedKey("the holder is not a DID", expected="did:key:…, did:jwk:… or did:web:…", found=repr(holder))
    if is_computed(holder):
        DidResolver().resolve(holder)
    subject: dict = {"id": holder, "audience": [audience.value], "purpose": purpose}
    if packs:
        subject["packs"] = list(packs)
    credential = {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": f"{project.base_url}/credentials/{uuid4()}",
        "type": ["VerifiableCredential", ROLE],
        "issuer": project.issuer,
        "validFrom": date_time(valid_from),
        "validUntil": date_time(valid_until),
        "credentialSubject": subject,
    }
    return issuer.issue(credential, created=valid_from.replace(microsecond=0))
