"""``passport grant``: role credentials for those who may see more; ``grant list`` and ``grant revoke``."""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from passport.battery.privacy.rights import PURPOSES
from passport.commands.companies.company_file import identity_in, offline_option
from passport.commands.terminal import console
from passport.commands.terminal.credential_group import (
    CredentialGroup,
    end_of,
    hand_over,
    id_in,
    say_revoked,
    standing_of,
)
from passport.credentials.credential import date_time
from passport.credentials.identity_status import RestsOn
from passport.credentials.issuer import Issuer
from passport.credentials.wording import shortened
from passport.errors import UnknownRole
from passport.linked_data.json_types import JsonObject
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.publishing.role_grants import VALIDITY, RoleGrants
from passport.store import Role, Store
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience


@click.group(cls=CredentialGroup)
def grant() -> None:
    """Give a person a role that opens more than the public sees, list the roles, take one back.

    passport grant HOLDER is short for passport grant to HOLDER; HOLDER is a DID.

    \b
    Examples:
      passport grant did:key:zDn… --audience legitimate-interest --purpose recycling -o role.jsonld
      passport grant list
      passport grant revoke did:key:zDn… --reason "contract ended"
    """


@grant.command(name="to")
@click.argument("holder")
@click.option(
    "--audience",
    required=True,
    type=click.Choice([code.value for code in Audience if code is not Audience.PUBLIC]),
    help="What the holder may see.",
)
@click.option(
    "--purpose",
    required=True,
    help="For what; shown on the page and kept in the access log. It decides what a legitimate interest opens: "
    + ", ".join(PURPOSES)
    + ".",
)
@click.option("--pack", "packs", multiple=True, help="Only these packs (address, code, serial number); repeatable.")
@click.option("--identity", "identity_file", metavar="FILE", help="Identity of the holder, on which the role rests.")
@offline_option
@click.option(
    "--days", type=click.IntRange(1, 3660), default=VALIDITY.days, show_default=True, help="How long it is valid."
)
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), help="File to write (.jsonld, .json; default: stdout)."
)
@console.project_option
@console.passphrase_option
@console.command
def to(
    holder: str,
    audience: str,
    purpose: str,
    packs: tuple[str, ...],
    identity_file: str | None,
    offline: bool,
    days: int,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Issue a role credential to HOLDER, a DID. A resolver that trusts this issuer for roles lets the holder see more.

    The store remembers the role without the credential, so that it can be taken back; roles have status lists of their
    own. With --identity the role names the identity of the holder, which must verify by this project's trust list, and
    ends with it: also where the registrar revokes or suspends it.

    \b
    Examples:
      passport key generate recycler.pem
      passport grant did:key:zDn… --audience legitimate-interest --purpose recycling -o role.jsonld
      passport grant did:web:rec.example --identity rec.jsonld --audience commission --purpose oversight -o role.jsonld
    """
    project = Project.find(project_folder)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    store = project.open_store()
    subjects = tuple(find_subject(store, pack, project.base_url) for pack in packs)
    at = console.now()
    identity = None
    if identity_file is not None:
        identity = RestsOn.of(dict(identity_in(identity_file, project, at, offline=offline).document or {}))
    document = role_credential(
        project, issuer, holder, Audience(audience), purpose, subjects, at, at + timedelta(days=days), store=store,
        identity=identity,
    )  # fmt: skip
    summary = Message(
        "{file}  {audience} for {holder}, {days} days",
        file=str(output),
        audience=audience,
        holder=shortened(holder),
        days=days,
    )
    hand_over(document, output, as_json, summary)


@grant.command(name="list")
@click.option("--holder", help="Only roles of this DID.")
@click.option("--all", "with_ended", is_flag=True, help="Also those that have ended or were taken back.")
@console.project_option
@console.command
def list_(holder: str | None, with_ended: bool, project_folder: str | None, as_json: bool) -> None:
    """List the roles that were given and still count.

    \b
    Examples:
      passport grant list --project shop
      passport grant list --all --json
    """
    project = Project.find(project_folder)
    store, at = project.open_store(), console.now()
    rows = [(role, standing_of(store, role.id, role.valid_until, at)) for role in store.roles(holder=holder)]
    shown = [(role, standing) for role, standing in rows if with_ended or standing == "valid"]
    if as_json:
        console.say_json({"roles": [_described(role, standing) for role, standing in shown]})
        return
    for role, standing in shown:
        console.say(role.id)
        number = len(role.packs)
        packs = Message("{n} pack", plural="{n} packs", n=number) if number else Message("all packs")
        text = Message(
            "{audience}, {purpose}, {packs}, {end}, for {holder}",
            audience=role.audience,
            purpose=role.purpose,
            packs=packs,
            end=end_of(standing, role.valid_until),
            holder=shortened(role.holder),
        )
        console.say("  " + console.spoken(text))
    if not shown:
        console.say(
            Message("no role was given") if not rows else Message("no role that still counts; --all shows the others")
        )


@grant.command()
@click.argument("role", metavar="ROLE")
@click.option("--reason", required=True, help="Why; kept in the store, not published.")
@console.project_option
@console.passphrase_option
@console.command
def revoke(role: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Take roles back, for good. ROLE is the credential's id, its file, or a holder's DID for all roles of that holder.

    A token that was given for the role ends with it. Other resolvers learn of it when they fetch the status list.

    \b
    Examples:
      passport grant revoke role.jsonld --reason "contract ended"
      passport grant revoke did:key:zDn… --reason "key lost"
    """
    project = Project.find(project_folder)
    if not project.has_store():
        raise UnknownRole(Message("this project has given no role yet"))
    store, at = project.open_store(), console.now()
    roles = _named(store, role, at)
    grants = RoleGrants(store, project.issuer_with_key(console.read_passphrase(passphrase_file)), project.base_url)
    changed = [role.id for role in roles if grants.revoke(role.id, reason, at)]
    say_revoked(changed, as_json)


def _named(store: Store, text: str, at: datetime) -> tuple[Role, ...]:
    """The roles that a person means by an id, a file or a holder.

    :raises UnknownRole: there is none.
    """
    if text.startswith("did:"):
        # What has ended by itself needs no place in a list any more.
        roles = tuple(role for role in store.roles(holder=text) if role.valid_until > at)
        if not roles:
            raise UnknownRole(Message("no role that still counts was given to {text} here", text=text[:200]))
        return roles
    missing = UnknownRole(
        Message("{path} is no role", path=text[:200]),
        expected=Message("the id of a role credential, its file, or the DID of its holder"),
    )
    role = store.role(
        text if text.startswith(("http://", "https://")) else id_in(text, Message("role credential"), missing)
    )
    if role is None:
        raise UnknownRole(Message("no role {text} was given here", text=text[:200]))
    return (role,)


def _described(role: Role, standing: str) -> JsonObject:
    return {
        "id": role.id,
        "holder": role.holder,
        "audience": role.audience,
        "purpose": role.purpose,
        "packs": list(role.packs),
        "validFrom": date_time(role.valid_from),
        "validUntil": date_time(role.valid_until),
        "standing": standing,
    }


def role_credential(
    project: Project,
    issuer: Issuer,
    holder: str,
    audience: Audience,
    purpose: str,
    packs: tuple[str, ...],
    valid_from: datetime,
    valid_until: datetime,
    *,
    store: Store | None = None,
    identity: RestsOn | None = None,
) -> JsonObject:
    """A role of this project, given and remembered: see :meth:`passport.publishing.role_grants.RoleGrants.grant`.

    :param store: the project's, where it is open already.
    """
    grants = RoleGrants(store or project.open_store(), issuer, project.base_url)
    return grants.grant(
        holder, audience, purpose, packs, valid_from=valid_from, valid_until=valid_until, identity=identity
    )
