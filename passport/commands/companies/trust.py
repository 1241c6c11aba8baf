"""``passport trust``: trust lists that are made from a directory of enterprises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from passport.belonging import passport_verifier
from passport.commands.terminal import console
from passport.credentials.trust import TrustList
from passport.directory.trust_policy import UnlistedEnterprise, read_policy, trust_list_of, verified_directory
from passport.errors import MalformedDocument, UsageError
from passport.identity.http_client import GuardedClient
from passport.linked_data import strict_json
from passport.project import Project
from passport.texts import Message

_ACCEPT = "application/vp, application/ld+json;q=0.9"


@click.group()
def trust() -> None:
    """Make trust lists. A trust list says whose signature counts, and for what."""


@trust.command(name="from-directory")
@click.argument("directory", metavar="DIRECTORY")
@click.option("--policy", "policy_file", required=True, metavar="FILE", help="Rules: who is trusted for what (JSON).")
@click.option("--trust", "trust_file", metavar="FILE", help="Trust list to bring up to date (default: the project's).")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
@console.project_option
@console.command
def from_directory(
    directory: str, policy_file: str, trust_file: str | None, dry_run: bool, project_folder: str | None, as_json: bool
) -> None:
    """Bring a trust list up to date from DIRECTORY, a file or an https address.

    The list must name the registrar for EnterpriseIdentityCredential and EnterpriseDirectoryCredential, by hand. Its
    other entries stay as they are. Enterprises that are revoked, suspended or at their end leave it. Meant for a timer:
    a server that reads the list notices the change by itself.

    \b
    Examples:
      passport trust from-directory https://registrar.example/directory --policy policy.json
      passport trust from-directory directory.jsonld --policy policy.json --trust trusted-issuers.json --dry-run
    """
    path = Path(trust_file) if trust_file else Project.find(project_folder).trust_list_path
    before, at = _json(str(path)), console.now()
    rules = read_policy(_json(policy_file))
    result = passport_verifier(TrustList.from_json(before, source=str(path))).verify(_directory(directory), at=at)
    made = trust_list_of(verified_directory(result), rules, before, at=at)
    changed = made.document != before
    if changed and not dry_run:
        console.write_output(path, (json.dumps(made.document, ensure_ascii=False, indent=2) + "\n").encode())
    if as_json:
        console.say_json({
            "outcome": ("changed" if changed else "same"), "written": changed and not dry_run,
            "entries": len(made.document["issuers"]), "kept": made.kept, "added": list(made.added),
            "removed": list(made.removed),
            "leftOut": [{"did": each.did, "reason": str(each.reason)} for each in made.left_out],
        })  # fmt: skip
        return
    console.say(
        Message(
            "{path}: {n} entries, {kept} of them not from the directory", path=str(path),
            n=len(made.document["issuers"]), kept=made.kept,
        )
    )  # fmt: skip
    for label, dids in ((Message("added"), made.added), (Message("removed"), made.removed)):
        for did in dids:
            console.say_fact(label, did, 11)
    for left in made.left_out:
        console.say_fact(Message("left out"), _why(left), 11)
    if dry_run and changed:
        console.say(Message("nothing was written (--dry-run)"))


def _why(left: UnlistedEnterprise) -> Message:
    return Message("{name}: {what}", name=left.did, what=left.reason)


def _directory(source: str) -> Any:
    if source.startswith(("https://", "http://")):
        body = GuardedClient().naming(source).get(source, accept=_ACCEPT).body
        return strict_json.loads(body)
    return _json(source)


def _json(path: str) -> Any:
    try:
        return strict_json.loads(console.read_input(path))
    except MalformedDocument as error:
        raise UsageError(Message("{path} is not JSON", path=path), found=str(error)) from error
