"""``passport accredit``: accreditations for actors that report life-cycle events; ``list`` and ``revoke``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

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
from passport.credentials import credential as vcdm
from passport.credentials.wording import shortened
from passport.errors import UnknownRole, UsageError
from passport.lifecycle import Permit
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.events.accreditation import ActorStatement, legal_name, read_accreditation
from passport.publishing.events.actor_grants import VALIDITY, ActorGrants
from passport.publishing.events.identified_actor import statement_from
from passport.store import Store
from passport.texts import Message


@click.group(cls=CredentialGroup)
def accredit() -> None:
    """Accredit an actor to report life-cycle events, list the accreditations, revoke one.

    passport accredit ACTOR is short for passport accredit to ACTOR; ACTOR is a DID. An accreditation counts where the
    trust list names this issuer for BatteryActorCredential.

    \b
    Examples:
      passport accredit did:web:dealer.example --name "Dealer Ltd" --registration "HRB 1" --role dealer -o dealer.jsonld
      passport accredit list
      passport accredit revoke did:web:dealer.example --reason "licence withdrawn"
    """


@accredit.command(name="to")
@click.argument("actor")
@click.option("--name", "name_en", help="Legal name.")
@click.option("--name-zh", help="Legal name in Chinese.")
@click.option("--credit-code", help="Unified social credit code, of an organisation in China (GB 32100).")
@click.option("--registration", help="Number and register, of any other organisation.")
@click.option("--identity", "identity_file", metavar="FILE", help="Identity of the actor: its name and registration.")
@offline_option
@click.option("--role", "roles", multiple=True, required=True, help="Role, such as dealer or repairShop; repeatable.")
@click.option("--province", "provinces", multiple=True, help="Only this province (CN-AH); repeatable.")
@click.option("--manufacturer-code", "codes", multiple=True, help="Positions 1-3 of the codes it may give; repeatable.")
@click.option(
    "--permit",
    "permits",
    multiple=True,
    metavar="KIND=NUMBER[,FROM[,UNTIL]]",
    help="Permit with its days, such as pollutant-permit=91340100,2026-01-01,2031-01-01; repeatable.",
)
@click.option(
    "--from", "first_day", metavar="DAY", type=click.DateTime(["%Y-%m-%d"]), help="First day, UTC (default: now)."
)
@click.option(
    "--days", type=click.IntRange(1, 36600), default=VALIDITY.days, show_default=True, help="How long it is valid."
)
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), help="File to write (.jsonld, .json; default: stdout)."
)
@console.project_option
@console.passphrase_option
@console.command
def to(
    actor: str,
    name_en: str | None,
    name_zh: str | None,
    credit_code: str | None,
    registration: str | None,
    identity_file: str | None,
    offline: bool,
    roles: tuple[str, ...],
    provinces: tuple[str, ...],
    codes: tuple[str, ...],
    permits: tuple[str, ...],
    first_day: datetime | None,
    days: int,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Issue an accreditation to ACTOR, a DID. Events that the actor signs inside it are accepted.

    With --identity nothing is typed twice: name, registration and codes are those of the identity, which must verify by
    this project's trust list. The accreditation names the identity by its digest, and goes beyond it in no role,
    province or code. It ends with the identity: also where the registrar revokes or suspends that.

    \b
    Examples:
      passport accredit did:web:dealer.example --identity dealer.identity.jsonld --role dealer -o dealer.jsonld
      passport key generate dealer.pem
      passport accredit did:key:zDn… --name "Dealer Ltd" --registration "HRB 1" --role dealer -o dealer.jsonld
      passport accredit did:web:recycler.example --name-zh 某某公司 --credit-code 91340100MA2N0000XF --role utiliser
    """
    project = Project.find(project_folder)
    at = console.now()
    starts = at if first_day is None else first_day.replace(tzinfo=UTC)
    ends, stated = starts + timedelta(days=days), tuple(_permit(text, at) for text in permits)
    if identity_file is None:
        statement = ActorStatement(
            holder=actor,
            legal_name={language: text for language, text in (("en", name_en), ("zh", name_zh)) if text},
            roles=tuple(dict.fromkeys(roles)),
            social_credit_code=credit_code,
            registration_number=registration,
            provinces=provinces,
            manufacturer_codes=codes,
            permits=stated,
        )
    elif name_en or name_zh or credit_code or registration:
        raise UsageError(Message("name and registration are those of the identity"))
    else:
        identity = identity_in(identity_file, project, at, offline=offline)
        signed = dict(identity.document or {})
        statement = statement_from(signed, roles, provinces=provinces, manufacturer_codes=codes, permits=stated)
        if statement.holder != actor:
            raise UsageError(Message("the identity is of another"), expected=actor, found=statement.holder)
        ends = min(ends, identity.valid_until or ends)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    grants = ActorGrants(project.open_store(), issuer, project.base_url)
    document = grants.grant(statement, valid_from=starts, valid_until=ends, at=at)
    summary = Message(
        "{file}  {roles} for {holder}, {days} days",
        file=str(output),
        roles=list(statement.roles),
        holder=shortened(actor),
        days=(ends - starts).days,
    )
    hand_over(document, output, as_json, summary)


@accredit.command(name="list")
@click.option("--actor", help="Only those of this DID.")
@click.option("--all", "with_ended", is_flag=True, help="Also those that have ended or were revoked.")
@console.project_option
@console.command
def list_(actor: str | None, with_ended: bool, project_folder: str | None, as_json: bool) -> None:
    """List the accreditations that were granted and still count.

    \b
    Examples:
      passport accredit list --project authority
      passport accredit list --all --json
    """
    project = Project.find(project_folder)
    store, at = project.open_store(), console.now()
    rows = [(document, _standing(store, document, at)) for document in _granted(store, actor)]
    chosen = [(document, standing) for document, standing in rows if with_ended or standing == "valid"]
    if as_json:
        console.say_json({"accreditations": [_described(document, standing) for document, standing in chosen]})
        return
    for document, standing in chosen:
        accreditation = read_accreditation(document)
        console.say(document["id"])
        text = Message(
            "{name}, {roles}, {end}, for {holder}",
            name=dict(legal_name(document)),
            roles=sorted(accreditation.roles),
            end=end_of(standing, accreditation.valid_until),
            holder=shortened(accreditation.holder),
        )
        console.say("  " + console.spoken(text))
    if not chosen:
        console.say(
            Message("no accreditation was granted")
            if not rows
            else Message("no accreditation that still counts; --all shows the others")
        )


@accredit.command()
@click.argument("accreditation", metavar="ACCREDITATION")
@click.option("--reason", required=True, help="Why; kept in the store, not published.")
@console.project_option
@console.passphrase_option
@console.command
def revoke(
    accreditation: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:
    """Revoke accreditations, for good. ACCREDITATION is the credential's id, its file, or the DID of an actor for all.

    New events of the actor are refused from then on; accepted events stay as they are. Others learn of it by the status
    list.

    \b
    Examples:
      passport accredit revoke dealer.jsonld --reason "licence withdrawn"
      passport accredit revoke did:web:dealer.example --reason "key lost"
    """
    project = Project.find(project_folder)
    if not project.has_store():
        raise UnknownRole(Message("this project has granted no accreditation yet"), hint=None)
    store, at = project.open_store(), console.now()
    named = _named(store, accreditation, at)
    grants = ActorGrants(store, project.issuer_with_key(console.read_passphrase(passphrase_file)), project.base_url)
    changed = [name for name in named if grants.revoke(name, reason, at)]
    say_revoked(changed, as_json)


def _permit(text: str, at: datetime) -> Permit:
    """:raises UsageError: not ``KIND=NUMBER[,FROM[,UNTIL]]``."""
    kind, _, rest = text.partition("=")
    number, *days = rest.split(",")
    try:
        instants = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in days]
    except ValueError:
        instants = [at] * 3
    if not kind or not number or len(instants) > 2:
        raise UsageError(
            Message("this is no permit"),
            expected="KIND=NUMBER[,FROM[,UNTIL]]",
            found=repr(text)[:80],
        )
    return Permit(kind, number, instants[0] if instants else at.replace(microsecond=0), *instants[1:2])


def _granted(store: Store, actor: str | None) -> list[JsonObject]:
    documents = ActorGrants.granted(store)
    return [each for each in documents if actor is None or each["credentialSubject"]["id"] == actor]


def _named(store: Store, text: str, at: datetime) -> list[str]:
    """Ids of the accreditations that a person means by an id, a file or an actor.

    :raises UnknownRole: there is none.
    :raises UsageError: the file holds none.
    """
    if text.startswith("did:"):
        granted = [each["id"] for each in _granted(store, text) if _standing(store, each, at) != "ended"]
        if not granted:
            raise UnknownRole(
                Message("no accreditation that still counts was granted to {text} here", text=text[:200]), hint=None
            )
        return granted
    if text.startswith(("http://", "https://")):
        return [text]
    missing = UnknownRole(
        Message("{path} is no accreditation", path=text[:200]),
        expected=Message("the id of an accreditation, its file, or the DID of its actor"),
        hint=None,
    )
    return [id_in(text, Message("accreditation"), missing)]


def _standing(store: Store, document: JsonObject, at: datetime) -> str:
    return standing_of(store, document["id"], vcdm.valid_until(document), at)


def _described(document: JsonObject, standing: str) -> JsonObject:
    accreditation = read_accreditation(document)
    return {
        "id": document["id"],
        "holder": accreditation.holder,
        "legalName": dict(legal_name(document)),
        "roles": sorted(accreditation.roles),
        "provinces": sorted(accreditation.provinces or ()),
        "validFrom": document["validFrom"],
        "validUntil": document.get("validUntil"),
        "standing": standing,
    }
