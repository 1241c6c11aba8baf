"""``passport certify``: whether the attestations of a passport meet a certification scheme."""

from __future__ import annotations

from pathlib import Path

import click

from passport.attestation.attested_standing import attested
from passport.attestation.certificate import is_met, judge
from passport.belonging import passport_verifier
from passport.commands.companies.attest import json_of, scheme_of
from passport.commands.terminal import console
from passport.commands.terminal.inputs import day_or_usage
from passport.credentials.trust import TrustList
from passport.project import Project
from passport.texts import Message
from passport.vocabulary.certification import schemes
from passport.vocabulary.vocabulary import load


@click.group()
def certify() -> None:
    """Check a passport's attestations against a certification scheme. Schemes are data (ontology/certification/).

    \b
    Example:
      passport certify check attested.jsonld --scheme cn-battery-id --trust trusted-issuers.json
    """


@certify.command()
@click.argument("file", metavar="PASSPORT")
@click.option("--scheme", "scheme_name", required=True, help="Certification scheme, by its code.")
@click.option("--trust", "trust_file", metavar="FILE", help="Trust list (default: the project's).")
@click.option("--on", "day", metavar="DATE", help="Day of the check (default: today).")
@console.project_option
@console.command
def check(
    file: str, scheme_name: str, trust_file: str | None, day: str | None, project_folder: str | None, as_json: bool
) -> None:
    """Say for each rule of the scheme whether the value is attested, by whom and until when.

    Leaves with 1 where a required value is not attested as the scheme asks for, with 3 where the file could not be
    verified as a whole.

    \b
    Example:
      passport certify check attested.jsonld --scheme carbon-footprint --trust trusted-issuers.json --json
    """
    trust = TrustList.load(Path(trust_file)) if trust_file else Project.find(project_folder).trust_list()
    scheme, at = scheme_of(scheme_name), console.now()
    result = passport_verifier(trust).verify(json_of(file), at=at)
    values = attested(result, trust)
    outcomes = judge(scheme, values, at.date() if day is None else day_or_usage(day))
    met = is_met(outcomes)
    console.settle(1 if not met else 0 if result.verified is True else 3 if result.verified is None else 1)
    if as_json:
        console.say_json({
            "scheme": scheme.iri, "met": met, "verified": result.verified,
            "rules": [each.to_json() for each in outcomes], "attested": [each.to_json() for each in values],
        })  # fmt: skip
        return
    console.say(Message("{scheme}: {verdict}", scheme=scheme.label, verdict=_MET if met else _NOT_MET))
    labels = load().indicators
    for each in outcomes:
        sign = "passed" if each.met else "failed" if each.required else "not-applied"
        name = console.spoken(Message("{name}", name=labels[each.indicator].label))
        if each.by is None:
            console.say(console.mark(sign), " ", console.pad(name, 36), console.spoken(each.reason))
            continue
        issuer = trust.issuer(each.by.issuer)
        text = Message(
            "{name}, until {end:%Y-%m-%d}", name=each.by.issuer if issuer is None else issuer.name, end=each.by.until
        )  # fmt: skip
        console.say(console.mark(sign), " ", console.pad(name, 36), console.spoken(text))


_MET, _NOT_MET = Message("met"), Message("not met")


@certify.command(name="schemes")
@console.command
def schemes_(as_json: bool) -> None:
    """List the certification schemes and what they ask for.

    \b
    Example:
      passport certify schemes --json
    """
    if as_json:
        console.say_json({
            "schemes": [
                {"code": each.code, "iri": each.iri, "label": dict(each.label), "verified": each.verified,
                 "validMonths": each.valid_months,
                 "rules": [{"indicator": rule.indicator, "leastLevel": rule.least_level, "required": rule.required}
                           for rule in each.rules.values()]}
                for each in schemes().values()
            ]
        })  # fmt: skip
        return
    labels = load().indicators
    for each in schemes().values():
        console.say(console.line(each.code, "  ", console.spoken(Message("{name}", name=each.label))))
        for rule in each.rules.values():
            console.say("  " + console.spoken(Message("{name}", name=labels[rule.indicator].label)))
