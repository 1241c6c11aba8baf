"""Identities as UNTP Digital Identity Anchors, held against the published schema."""

from __future__ import annotations

import json

import jsonschema

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.exchange.untp.untp_anchor import anchors
from tests.directory_world import Company, DirectoryWorld, credit_code


def test_each_registered_identifier_makes_an_anchor_of_the_published_form(vectors):
    schema = json.loads((vectors / "untp/0.6.1/untp-dia-schema.json").read_text("utf-8"))
    registered = {PartyScheme.CREDIT_CODE: credit_code(1), PartyScheme.LEI: "506700GE1G29325QX363"}
    company = Company("maker", 1, registered=registered, registration_number="HRB 1")
    made = anchors(DirectoryWorld().take(company), "Registrar")
    ids = [each["credentialSubject"]["registeredId"] for each in made]
    assert ids == [credit_code(1), "506700GE1G29325QX363", "HRB 1"]
    for each in made:
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(each)
        assert each["credentialSubject"]["id"] == company.did
        (role,) = each["credentialSubject"]["registrationScopeList"]
        assert role.endswith("codes#actorRole.batteryMaker")
