"""Credentials of a company out of files, verified with the project's trust list and the newest status lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.credentials import credential as vcdm
from passport.credentials.issuer import presentation
from passport.credentials.status_fetch import fetch_status_lists
from passport.credentials.verification_result import CredentialResult, VerificationResult
from passport.errors import MalformedDocument, UsageError, VerificationFailed
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.texts import Message
from passport.vocabulary.credential_types import IDENTITY

offline_option = click.option(
    "--offline", is_flag=True, help="Fetch nothing: what is not in the file could not be checked."
)


def verify_files(paths: Sequence[str], project: Project, at: datetime, *, offline: bool) -> VerificationResult:
    """What the credentials in files are worth, all together.

    :param offline: status lists that the files lack are not fetched.
    :raises UsageError: a file holds no credential.
    """
    trust = project.trust_list()
    document = presentation([each for path in paths for each in _credentials(path)])
    result = passport_verifier(trust).verify(document, at=at)
    if not offline and (fetched := fetch_status_lists(result, trust, GuardedClient())):
        result = passport_verifier(trust, status_lists=fetched).verify(document, at=at)
    return result


def identity_in(path: str, project: Project, at: datetime, *, offline: bool) -> CredentialResult:
    """The identity of an enterprise in a file, once it verified.

    :raises VerificationFailed: it does not verify, or that could not be determined.
    :raises UsageError: there is not exactly one in it.
    """
    result = verify_files([path], project, at, offline=offline)
    if result.verified is not True:
        failed = next((check.detail for check in result.checks if not check.passed), None)
        raise VerificationFailed(Message("the identity does not verify"), found=failed)
    found = [each for each in result.credentials if IDENTITY in each.types]
    if len(found) != 1:
        raise UsageError(Message("{path} holds no identity of one enterprise", path=path), found=str(len(found)))
    return found[0]


def _credentials(path: str) -> list[JsonObject]:
    """The credentials of a file, which is a presentation or one credential."""
    try:
        document = strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is not JSON", path=path), found=str(error)) from error
    if vcdm.is_presentation(document):
        return [each for each in vcdm.credentials(document) if isinstance(each, dict)]
    if not isinstance(document, dict):
        raise UsageError(Message("{path} holds no credential", path=path))
    return [document]
