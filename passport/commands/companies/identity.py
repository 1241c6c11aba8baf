"""``passport identity``: identities of enterprises, issued by a registrar; their standing, keys and UNTP anchors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.commands.terminal import console
from passport.commands.terminal.credential_group import hand_over
from passport.commands.terminal.state_change import change_options, say_changed
from passport.credentials import credential as vcdm
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.wording import shortened
from passport.directory.enterprise import Enterprise, read_identity, registered_lines
from passport.directory.listing import REVOKED, SUSPENDED, VALID, ListedIdentity, directory_of
from passport.errors import MalformedDocument, UsageError
from passport.exchange.untp.untp_anchor import anchors
from passport.identity.did_web_fetch import DidWebFetcher
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.proofs import jose
from passport.publishing.registrar import VALIDITY, Registrar
from passport.texts import Message

_STANDINGS = {
    VALID: Message("in force"), SUSPENDED: Message("suspended"), REVOKED: Message("revoked"),
}  # fmt: skip


_change_options = change_options("DID|ID", help="Why; kept in the store, not published.")


@click.group()
def identity() -> None:
    """Issue identities to enterprises as the registrar of a directory; list them, withdraw them, follow their keys.

    An identity counts where the trust list names this registrar for EnterpriseIdentityCredential.

    \b
    Examples:
      passport identity issue did:web:maker.example --name "Maker Ltd" --lei 506700GE1G29325QX363 \\
        --country CN --role batteryMaker --did-document did.json
      passport identity list
      passport identity revoke did:web:maker.example --reason "struck off the register"
    """


@identity.command()
@click.argument("did", metavar="DID")
@click.option("--name", "name_en", help="Legal name.")
@click.option("--name-zh", help="Legal name in Chinese.")
@click.option("--credit-code", help="Unified social credit code, of an organisation in China (GB 32100).")
@click.option("--lei", help="Legal entity identifier (ISO 17442).")
@click.option("--eori", help="EORI number, for customs in the Union.")
@click.option("--gln", help="Global location number (GS1).")
@click.option("--registration", help="Number and register, where there is none of these.")
@click.option("--country", required=True, help="Country, two letters (ISO 3166-1).")
@click.option("--role", "roles", multiple=True, required=True, help="Role, such as batteryMaker; repeatable.")
@click.option("--province", "provinces", multiple=True, help="Province of activity (CN-AH); repeatable.")
@click.option("--market", "markets", multiple=True, help="Market of activity: EU, or a country code; repeatable.")
@click.option("--manufacturer-code", "codes", multiple=True, help="Positions 1-3 of its GB/T 34014 codes; repeatable.")
@click.option("--gtin-prefix", "prefixes", multiple=True, help="First digits of its GTINs; repeatable.")
@click.option("--resolver", "resolvers", multiple=True, help="Address under which its passports are; repeatable.")
@click.option("--web", help="Address of its web site.")
@click.option("--did-document", "did_document", metavar="FILE", help="Its DID document, for a did:web.")
@click.option("--fetch", is_flag=True, help="Fetch its DID document from where its did:web leads.")
@click.option(
    "--days", type=click.IntRange(1, 36600), default=VALIDITY.days, show_default=True, help="How long it is valid."
)
@click.option("--replace", metavar="REASON", help="Replace the identity in force, which is revoked for this reason.")
@console.output_option(
    "-o", "--output", endings=(".jsonld", ".json"), help="File to write (.jsonld, .json; default: stdout)."
)
@console.project_option
@console.passphrase_option
@console.command
def issue(
    did: str,
    name_en: str | None,
    name_zh: str | None,
    credit_code: str | None,
    lei: str | None,
    eori: str | None,
    gln: str | None,
    registration: str | None,
    country: str,
    roles: tuple[str, ...],
    provinces: tuple[str, ...],
    markets: tuple[str, ...],
    codes: tuple[str, ...],
    prefixes: tuple[str, ...],
    resolvers: tuple[str, ...],
    web: str | None,
    did_document: str | None,
    fetch: bool,
    days: int,
    replace: str | None,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Issue an identity to the enterprise of DID, and list it.

    Check characters are checked, and no two enterprises have one code. Whether the enterprise is who it says is for the
    registrar to find out.

    \b
    Examples:
      passport identity issue did:web:maker.example --name "Maker Ltd" --name-zh 某某电池有限公司 --country CN \\
        --credit-code 91350900587527783P --role batteryMaker --manufacturer-code ZZZ --fetch
      passport identity issue did:web:lab.example --name "Lab GmbH" --country DE --lei 506700GE1G29325QX363 \\
        --role certificationBody --did-document did.json -o lab.jsonld
    """
    project, at = Project.find(project_folder), console.now()
    given = {
        PartyScheme.CREDIT_CODE: credit_code,
        PartyScheme.LEI: lei,
        PartyScheme.EORI: eori,
        PartyScheme.GLN: gln,
    }
    enterprise = Enterprise(
        did=did,
        legal_name={language: text for language, text in (("en", name_en), ("zh", name_zh)) if text},
        country=country,
        roles=tuple(dict.fromkeys(roles)),
        registered={scheme: code for scheme, code in given.items() if code},
        registration_number=registration,
        provinces=provinces,
        markets=markets,
        manufacturer_codes=codes,
        gtin_prefixes=prefixes,
        resolvers=resolvers,
        web_address=web,
    )
    document = _did_document(did, did_document, fetch, at)
    registrar = _registrar(project, passphrase_file)
    signed = registrar.issue(
        enterprise, document, valid_from=at, valid_until=at + timedelta(days=days), replace=replace
    )  # fmt: skip
    summary = Message(
        "{file}  identity of {name}, {days} days", file=str(output), name=dict(enterprise.legal_name), days=days
    )
    hand_over(signed, output, as_json, summary)


@identity.command(name="list")
@click.option("--all", "with_ended", is_flag=True, help="Also those that are suspended, revoked or at their end.")
@console.project_option
@console.command
def list_(with_ended: bool, project_folder: str | None, as_json: bool) -> None:
    """List the enterprises of the directory whose identity is in force.

    \b
    Examples:
      passport identity list --project registrar
      passport identity list --all --json
    """
    store, at = Project.find(project_folder).open_store(), console.now()
    listed = list(directory_of(store.directory_changes()).identities.values())
    chosen = [each for each in listed if with_ended or each.counts(at)]
    if as_json:
        console.say_json({"identities": [described(each, at) for each in chosen]})
        return
    for each in chosen:
        say_listed(each, at)
    if not chosen:
        console.say(Message("no identity that is in force; --all shows the others") if listed else _NONE)


_NONE = Message("no identity was issued")


@identity.command()
@_change_options
@console.passphrase_option
@console.command
def suspend(name: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Suspend an identity: it counts no more until it is restored.

    \b
    Example:
      passport identity suspend did:web:maker.example --reason "under examination"
    """
    _change(name, SUSPENSION, True, reason, project_folder, passphrase_file, as_json)


@identity.command()
@_change_options
@console.passphrase_option
@console.command
def restore(name: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Let a suspended identity count again.

    \b
    Example:
      passport identity restore did:web:maker.example --reason "examination closed"
    """
    _change(name, SUSPENSION, False, reason, project_folder, passphrase_file, as_json)


@identity.command()
@_change_options
@console.passphrase_option
@console.command
def revoke(name: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Revoke an identity, for good. Trust lists that are made from the directory drop the enterprise with their next
    update.

    \b
    Example:
      passport identity revoke did:web:maker.example --reason "struck off the register"
    """
    _change(name, REVOCATION, True, reason, project_folder, passphrase_file, as_json)


@identity.command()
@click.argument("did", metavar="DID")
@click.argument("document", metavar="[DOCUMENT]", required=False)
@click.option("--fetch", is_flag=True, help="Fetch its DID document from where its did:web leads.")
@console.project_option
@console.passphrase_option
@console.command
def keys(
    did: str,
    document: str | None,
    fetch: bool,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Take the newest DID document of a listed enterprise: its keys over time are part of the directory.

    \b
    Examples:
      passport identity keys did:web:maker.example did.json
      passport identity keys did:web:maker.example --fetch
    """
    project, at = Project.find(project_folder), console.now()
    taken = _did_document(did, document, fetch, at)
    if taken is None:
        raise UsageError(Message("no DID document was given"), expected=Message("a file, or --fetch"))
    changed = _registrar(project, passphrase_file).take_keys(did, taken, at)
    if as_json:
        console.say_json({"outcome": "taken" if changed else "same", "did": did})
    else:
        console.say(Message("taken: {did}", did=did) if changed else Message("nothing to do: it is known"))


@identity.command()
@click.argument("file", metavar="IDENTITY")
@click.option("--registrar-name", required=True, help="Name of the registrar, for people.")
@click.option("--signed", is_flag=True, help="Sign each as a vc+jwt with the key of this project, the registrar's.")
@console.output_option("-o", "--output", endings=(".json",), help="File to write (.json; default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def anchor(
    file: str,
    registrar_name: str,
    signed: bool,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Write IDENTITY as UNTP Digital Identity Anchors 0.6.1, one for each registered identifier.

    \b
    Examples:
      passport identity anchor maker.jsonld --registrar-name "Example Registrar" -o anchors.json
      passport identity anchor maker.jsonld --registrar-name "Example Registrar" --signed --project registrar
    """
    try:
        document = strict_json.loads(console.read_input(file))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is no {kind}: {error}", path=file, kind=_IDENTITY, error=error)) from error
    read_identity(document)
    made: list[JsonObject | str] = list(anchors(document, registrar_name))
    if signed:
        issuer = Project.find(project_folder).issuer_with_key(console.read_passphrase(passphrase_file))
        if document["issuer"] != issuer.id:
            raise UsageError(
                Message("the identity is of another registrar"), expected=issuer.id, found=str(document["issuer"])[:120]
            )
        made = [
            jose.sign(each, issuer.signer, typ="vc+jwt", cty="vc") for each in made if isinstance(each, dict)
        ]  # fmt: skip
    console.deliver_json(made, output)


_IDENTITY = Message("identity")


# --- shared with ``passport directory`` -------------------------------------------------------------------------------


def described(listed: ListedIdentity, at: datetime) -> JsonObject:
    """A listed identity as JSON."""
    enterprise = listed.enterprise
    return {
        "did": enterprise.did,
        "legalName": dict(enterprise.legal_name),
        "identifiers": {scheme.value: code for scheme, code in enterprise.registered.items()},
        "registration": enterprise.registration_number,
        "country": enterprise.country,
        "roles": list(enterprise.roles),
        "provinces": list(enterprise.provinces),
        "markets": list(enterprise.markets),
        "manufacturerCodes": list(enterprise.manufacturer_codes),
        "gtinPrefixes": list(enterprise.gtin_prefixes),
        "resolvers": list(enterprise.resolvers),
        "credential": listed.credential,
        "standing": listed.standing if listed.standing != VALID or listed.counts(at) else "ended",
        "since": vcdm.date_time(listed.since),
        "validUntil": listed.document.get("validUntil"),
        "keys": [
            {"method": key.method, "publicKeyMultibase": key.multikey, "standing": key.standing,
             "since": vcdm.date_time(key.since), "standingSince": vcdm.date_time(key.standing_since)}
            for key in listed.keys
        ],
    }  # fmt: skip


def say_listed(listed: ListedIdentity, at: datetime) -> None:
    """A listed identity for people, in a few lines."""
    enterprise, until = listed.enterprise, vcdm.valid_until(listed.document)
    console.say(console.spoken(Message("{name}", name=dict(enterprise.legal_name))))
    ended = Message("ended") if listed.standing == VALID and not listed.counts(at) else _STANDINGS[listed.standing]
    text = Message(
        "{roles}; {country}; {standing}, until {end:%Y-%m-%d}",
        roles=sorted(enterprise.roles),
        country=enterprise.country,
        standing=ended,
        end=until or datetime(9999, 1, 1, tzinfo=UTC),
    )
    console.say("  " + console.spoken(text))
    for label, code in registered_lines(enterprise):
        console.say("  " + console.spoken(Message("{name}: {what}", name=label, what=code)))
    console.say("  " + shortened(enterprise.did))


# --- inside -----------------------------------------------------------------------------------------------------------


def _registrar(project: Project, passphrase_file: str | None) -> Registrar:
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    return Registrar(project.open_store(), issuer, project.base_url)


def _change(
    name: str,
    purpose: str,
    value: bool,
    reason: str,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    registrar = _registrar(Project.find(project_folder), passphrase_file)
    changed = registrar.change(name, purpose, value, reason, console.now())
    say_changed(changed, "identity", name, as_json)


def _did_document(did: str, file: str | None, fetch: bool, at: datetime) -> JsonObject | None:
    """:raises UsageError: two sources are named, or the file holds no JSON object."""
    if file and fetch:
        raise UsageError(Message("--did-document and --fetch exclude each other"))
    if fetch:
        return DidWebFetcher(GuardedClient()).fetch(did, at=at)
    if file is None:
        return None
    try:
        document = strict_json.loads(console.read_input(file))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is not JSON", path=file), found=str(error)) from error
    if not isinstance(document, dict):
        raise UsageError(Message("{path} is no DID document", path=file), expected=Message("a JSON object"))
    return document
