"""``passport attest``: a third party attests values of a passport; a maker takes and saves attestations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from passport.attestation.attested_values import (
    LEVEL_CODES,
    AttestationStatement,
    read_attestation,
    subjects_of,
    value_digest,
)
from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.commands.terminal.inputs import day_or_usage
from passport.commands.terminal.state_change import say_changed
from passport.credentials.digests import digest_of
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REVOCATION
from passport.errors import MalformedDocument, UsageError, VerificationFailed
from passport.exchange.untp.untp_conformity import conformity
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.attestations import with_attestations
from passport.presenting.presenter import Presenter
from passport.presenting.subject_search import find_subject
from passport.project import Project
from passport.publishing.attestations import Attestor, take
from passport.texts import Message
from passport.vocabulary.certification import CertificationScheme, scheme_named, schemes
from passport.vocabulary.credential_types import ATTESTATION
from passport.vocabulary.vocabulary import Audience, Vocabulary, load


@click.group()
def attest() -> None:
    """Attest values of a passport as a third party; take and hand on the attestations of others.

    An attestation counts where the trust list names its issuer for BatteryAttestationCredential, and for its scheme.

    \b
    Examples:
      passport attest new passport.jsonld --scheme cn-battery-id --level sampleTest --method "GB/T 31486-2024" \\
        --report report.pdf --report-url https://lab.example/r/17.pdf -o attestations.jsonld
      passport attest take attestations.jsonld --project maker
    """


@attest.command()
@click.argument("file", metavar="PASSPORT")
@click.option("--scheme", "scheme_name", required=True, help="Certification scheme: passport certify schemes.")
@click.option(
    "--indicator", "indicators", multiple=True, help="Examined indicator; repeatable (default: the scheme's)."
)
@click.option("--level", type=click.Choice(LEVEL_CODES), required=True, help="How far the values were examined.")
@click.option("--method", required=True, help="Standard or procedure of the examination.")
@click.option("--report", "report_file", required=True, metavar="FILE", help="The report; its digest is signed.")
@click.option("--report-url", required=True, metavar="URL", help="Address of the report.")
@click.option("--examined", "day", metavar="DAY", help="Day on which the examination ended (default: today).")
@click.option("--days", type=click.IntRange(1, 36600), help="How long it is valid (default: as the scheme says).")
@console.output_option("-o", "--output", endings=(".jsonld", ".json"), help="File to write (default: stdout).")
@console.project_option
@console.passphrase_option
@console.command
def new(
    file: str,
    scheme_name: str,
    indicators: tuple[str, ...],
    level: str,
    method: str,
    report_file: str,
    report_url: str,
    day: str | None,
    days: int | None,
    output: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Attest values of PASSPORT, a saved passport that must verify by this project's trust list.

    One attestation is signed for each of pack, batch and model that a value belongs to, and another for values that not
    everybody may read.

    \b
    Example:
      passport attest new passport.jsonld --scheme carbon-footprint --level documentReview --method "ISO 14067" \\
        --report report.pdf --report-url https://lab.example/r/18.pdf -o attestations.jsonld
    """
    project, at = Project.find(project_folder), console.now()
    scheme, vocabulary = scheme_of(scheme_name), load()
    result = passport_verifier(project.trust_list()).verify(json_of(file), at=at)
    if result.verified is not True:
        failed = next((check.detail for check in result.checks if not check.passed), None)
        raise VerificationFailed(Message("the passport does not verify, so nothing of it is attested"), found=failed)
    groups = _groups(subjects_of(result.documents), scheme, indicators, vocabulary)
    examined = at.date() if day is None else day_or_usage(day)
    until = at + timedelta(days=days if days is not None else scheme.valid_months * 30)
    attestor = Attestor(
        project.open_store(), project.issuer_with_key(console.read_passphrase(passphrase_file)), project.base_url
    )  # fmt: skip
    report = digest_of(console.read_input(report_file))
    signed = [
        attestor.attest(
            AttestationStatement(
                subject, kind, values, scheme.iri, level, method, examined, report_url, report
            ),
            valid_from=at, valid_until=until, at=at,
        )
        for (subject, kind, _), values in groups.items()
    ]  # fmt: skip
    document = presentation([*signed, *attestor.lists_of(signed)])
    if output is not None:
        output.write(strict_json.dumps(document))
    if output is None or as_json:
        console.produce_json(document)
        return
    for each, values in zip(signed, groups.values(), strict=True):
        text = Message("{indicators}, until {end:%Y-%m-%d}", indicators=sorted(values), end=until)
        console.say(each["credentialSubject"]["id"])
        console.say("  " + console.spoken(text))


@attest.command(name="take")
@click.argument("file", metavar="ATTESTATIONS")
@console.project_option
@console.command
def take_(file: str, project_folder: str | None, as_json: bool) -> None:
    """Take attestations about batteries of this project, with their status lists. What does not verify is left out.

    \b
    Example:
      passport attest take attestations.jsonld --project maker
    """
    project = Project.find(project_folder)
    taken = take(project.open_store(), json_of(file), project.trust_list(), console.now())
    refused = [each for each in taken if each.reason is not None]
    console.settle(1 if refused else 0)
    if as_json:
        console.say_json({
            "attestations": [
                {"id": each.credential, "subject": each.subject, "new": each.new,
                 "reason": None if each.reason is None else str(each.reason)} for each in taken
            ]
        })  # fmt: skip
        return
    for each in taken:
        console.say(each.subject or each.credential)
        known = Message("taken") if each.new else Message("known already")
        console.say("  ", known if each.reason is None else each.reason)


@attest.command()
@click.argument("identifier")
@console.output_option("-o", "--output", endings=(".jsonld", ".json"), help="File to write (default: stdout).")
@console.project_option
@console.command
def save(
    identifier: str, output: console.Destination | None, project_folder: str | None, as_json: bool
) -> None:  # fmt: skip
    """Save the public passport of IDENTIFIER with its attestations.

    \b
    Example:
      passport attest save ZZZPE10A7K2M05G6J0000317 -o attested.jsonld --project maker
    """
    project = Project.find(project_folder)
    store, vocabulary = project.open_store(), load()
    subject = find_subject(store, identifier, project.base_url)
    view = Presenter(store, vocabulary, policy=project.access_policy).present(subject, Audience.PUBLIC)
    console.deliver(strict_json.dumps(with_attestations(store, view, vocabulary, console.now())), output)


@attest.command()
@click.argument("attestation", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the store, not published.")
@console.project_option
@console.passphrase_option
@console.command
def revoke(
    attestation: str, reason: str, project_folder: str | None, passphrase_file: str | None, as_json: bool
) -> None:  # fmt: skip
    """Revoke an attestation that this project signed, for good.

    \b
    Example:
      passport attest revoke https://lab.example/credentials/… --reason "error in the report"
    """
    project = Project.find(project_folder)
    issuer = project.issuer_with_key(console.read_passphrase(passphrase_file))
    attestor = Attestor(project.open_store(), issuer, project.base_url)
    changed = attestor.change(attestation, REVOCATION, True, reason, console.now())
    say_changed(changed, "attestation", attestation, as_json, outcome="revoked")


@attest.command()
@click.argument("file", metavar="ATTESTATION")
@click.option("--issuer-name", required=True, help="Name of the third party.")
@click.option("--holder", required=True, metavar="ID", help="DID or address of whom it was issued to.")
@click.option("--holder-name", required=True, help="Name of whom it was issued to.")
@console.output_option("-o", "--output", endings=(".json",), help="File to write (.json; default: stdout).")
@console.command
def untp(
    file: str, issuer_name: str, holder: str, holder_name: str, output: console.Destination | None, as_json: bool
) -> None:  # fmt: skip
    """Write the attestations of a file as UNTP Digital Conformity Credentials 0.6.1, unsigned.

    \b
    Example:
      passport attest untp attestations.jsonld --issuer-name "Lab" --holder did:web:maker.example --holder-name "Maker"
    """
    document = json_of(file)
    members = document.get("verifiableCredential", [document]) if isinstance(document, dict) else []
    found = [each for each in members if isinstance(each, dict) and ATTESTATION in each.get("type", ())]
    for each in found:
        read_attestation(each)
    made = [conformity(each, issuer_name, {"id": holder, "name": holder_name}) for each in found]
    if not made:
        raise UsageError(Message("there is no attestation in the file"))
    console.deliver_json(made, output)


# --- inside -----------------------------------------------------------------------------------------------------------


def scheme_of(text: str) -> CertificationScheme:
    scheme = scheme_named(text)
    if scheme is None:
        raise UsageError(
            Message("unknown certification scheme"),
            expected=Message("one of {codes}", codes=[each.code for each in schemes().values()]),
            found=repr(text)[:80],
        )
    return scheme


def _groups(
    subjects: dict[str, JsonObject], scheme: CertificationScheme, wanted: tuple[str, ...], vocabulary: Vocabulary
) -> dict[tuple[str, str, bool], dict[str, str]]:
    """Digests of the values to be attested, by subject, its class, and whether everybody may read them."""
    names = wanted or tuple(scheme.rules)
    groups: dict[tuple[str, str, bool], dict[str, str]] = {}
    for name in names:
        if name not in scheme.rules:
            raise UsageError(
                Message("the scheme has no rule for {name}", name=name[:80]), expected=", ".join(scheme.rules)
            )  # fmt: skip
        holders = [subject for subject, values in subjects.items() if name in values]
        if not holders and name in wanted:
            raise UsageError(Message("the passport has no value of {name}", name=name))
        public = Audience.PUBLIC in vocabulary.indicators[name].audiences
        for subject in holders:
            values = subjects[subject]
            kind = (subject, str(values.get("type", "")), public)
            groups.setdefault(kind, {})[name] = value_digest(name, values[name])
    if not groups:
        raise UsageError(Message("the passport has no value that the scheme speaks of"))
    return groups


def json_of(path: str) -> Any:
    try:
        return strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is not JSON", path=path), found=str(error)) from error
