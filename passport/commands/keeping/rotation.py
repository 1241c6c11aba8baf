"""``passport key list``, ``rotate`` and ``compromised``: the keys of an issuer with a did:web."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from passport.commands.terminal import console
from passport.errors import UsageError
from passport.identity import did_rotation
from passport.identity.multikey import decode_multikey
from passport.project import Project
from passport.publishing.keys import key_rotation
from passport.publishing.keys.key_rotation import KeyState, Rotation
from passport.publishing.keys.signer_rotation import rotate_to
from passport.publishing.reissue import Affected, KeySurvey, Reissued, Reissuer, survey
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.credential_types import DECLARATION_TYPE

#: Lines of a kind that are printed; --json has all of them.
_SHOWN = 20


@click.command(name="list")
@console.project_option
@console.command
def list_(project_folder: str | None, as_json: bool) -> None:
    """List the issuer's keys: in use, announced, retired, revoked, and since when. A did:key is one key.

    \b
    Examples:
      passport key list --project shop
      passport key list --project shop --json
    """
    project = Project.find(project_folder)
    states = key_rotation.states(project)
    if as_json:
        console.say_json({"issuer": project.issuer, "keys": [_described(state) for state in states]})
        return
    rows = []
    for state in states:
        since = state.events[-1].at.strftime("%Y-%m-%d") if state.events else ""
        day = state.revoked or since
        when = Message("since {day}", day=str(day)) if day else ""
        file = str(state.file) if state.file else Message("no key file here")
        rows.append((state.state, state.id.partition("#")[2], when, file))
    console.say_fact(Message("Issuer"), project.issuer, 8)
    console.say(console.table(rows))


@click.command()
@click.option("--announce", is_flag=True, help="Publish the new key and go on signing with the old one.")
@click.option("--signer", metavar="ADDRESS", help="Change to the key at this address, in a token or at a service.")
@click.option("--multikey", metavar="KEY", help="Public half of the key at a service, as its operator states it.")
@console.project_option
@console.passphrase_option
@console.command
def rotate(
    announce: bool,
    signer: str | None,
    multikey: str | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Make a new key for the issuer and sign with it from now on. What the old key signed goes on verifying.

    The new key is written beside the old one (mode 600; encrypted with --passphrase-file) and nothing is overwritten.
    did.json and the trust list get the new key and keep the old one for its signatures. An interrupted rotation goes on
    with the same command. A did:key cannot be rotated: docs/keys.md says how to change to did:web.

    --announce only publishes the new key, so that others can renew the document that they pin; the next rotate uses it.

    --signer changes to a key that was made in a PKCS#11 token or at a signing service: docs/signers.md. The passphrase
    file then has the PIN of the token, or the passphrase of the client certificate's key.

    \b
    Examples:
      passport key rotate --project shop --announce
      passport key rotate --project shop --passphrase-file secret.txt
      passport key rotate --passphrase-file pin.txt --signer "pkcs11:token=shop;object=issuer?module-path=/lib/p11.so"
    """
    project = Project.find(project_folder)
    passphrase = console.read_passphrase(passphrase_file)
    if signer is None:
        done = key_rotation.rotate(project, passphrase, at=console.now(), announce=announce)
    elif announce:
        raise UsageError(Message("a key at an address is not announced"), expected=Message("--signer or --announce"))
    else:
        public_key = None if multikey is None else decode_multikey(multikey)
        done = rotate_to(project, signer, passphrase, at=console.now(), public_key=public_key)
    if as_json:
        console.say_json(_rotation(done))
        return
    if done.outcome == "same":
        console.say(Message("nothing to do: {after} was announced before", after=done.after))
    else:
        console.say_fact(Message("announced") if announce else Message("in use"), done.after, 11)
        if signer is None:
            file = Message("{file}, readable by you only", file=str(done.file))
            console.say_fact("", Message("{file}, begun before", file=file) if done.resumed else file, 11)
    if announce:
        before = Message("{key}, until the next: passport key rotate", key=done.before)
        console.say_fact(Message("in use"), before, 11)
    else:
        before = Message("{key}: what it signed goes on verifying", key=done.before)
        console.say_fact(Message("retired"), before, 11)
    _say_what_others_do(project)


@click.command()
@click.option(
    "--since",
    "since_text",
    metavar="INSTANT",
    required=True,
    help="From when on others may have had the key, such as 2027-03-08T09:30:00Z.",
)
@click.option("--key", "name", metavar="NAME", help="Which key, such as key-1 (default: the one in use at --since).")
@click.option(
    "--reason",
    default="signed with a key that others may have",
    show_default=True,
    help="Why the old credentials are revoked; kept in the store.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@console.project_option
@console.passphrase_option
@console.command
def compromised(
    since_text: str,
    name: str | None,
    reason: str,
    dry_run: bool,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Revoke a key that others may have, and sign anew what it signed.

    The key is revoked in did.json and in the trust list, and a new one takes its place where it was in use. Every
    credential in force that it signed is signed anew with the same content, whenever it was signed: a thief writes any
    date into a signature, so none of the key's signatures can be told from a thief's. The old credentials are revoked,
    and all status lists are signed anew. What was signed since INSTANT is named, to be compared with your own records.

    An interrupted command goes on when it is called again. A did:key cannot be revoked: docs/keys.md.

    Leaves with 0 when it is done, with 1 when a stored credential does not fit its signature and was left alone, with 2
    when it cannot be done.

    \b
    Examples:
      passport key compromised --since 2027-03-01T00:00:00Z --dry-run --project shop
      passport key compromised --since 2027-03-01T00:00:00Z --project shop --passphrase-file secret.txt
    """
    project, at, since = Project.find(project_folder), console.now(), _instant(since_text)
    if not reason.strip():
        raise UsageError(Message("a revocation needs a reason"), hint=Message('Such as --reason "laptop stolen".'))
    url = key_rotation.compromised_key(project, since, at=at, fragment=name)
    store = project.open_store() if project.has_store() else None
    done: Rotation | None = None
    reissued: tuple[Reissued, ...] = ()
    if not dry_run:
        passphrase = console.read_passphrase(passphrase_file)
        done = key_rotation.revoke(project, url, passphrase, since=since, at=at)
    survey = _survey(project, store, url, since, at)
    if done is not None and store is not None:
        issuer = done.project.issuer_with_key(passphrase)
        console.talk(Message("Signing {count:,} credentials anew …", count=len(survey.affected)))
        reissued = Reissuer(store, issuer, project.base_url).reissue(
            survey.affected,
            reason=reason.strip(),
            at=at,
            progress=lambda number: console.progress(
                Message("{number:,} of {count:,}", number=number, count=len(survey.affected))
            ),
        )
    if as_json:
        console.say_json(_report(url, since, survey, done, reissued))
    else:
        _print(project, url, survey, done, reissued)
    raise SystemExit(1 if survey.changed else 0)


def _survey(project: Project, store: Store | None, url: str, since: datetime, at: datetime) -> KeySurvey:
    if store is None:
        return KeySurvey((), (), (), ())
    document = project.own_documents()[0]
    key_alone = did_rotation.as_it_was(document, url.partition("#")[2])
    return survey(store, project.issuer, url, key_alone, since=since, at=at)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise UsageError(
            Message("--since is not an instant"),
            expected=Message("such as 2027-03-08T09:30:00Z"),
            found=repr(text)[:80],
        )
    return instant


# --- as JSON --------------------------------------------------------------------------------------------------------


def _described(state: KeyState) -> dict[str, Any]:
    return {
        "id": state.id,
        "state": state.state,
        "publicKeyMultibase": state.multikey,
        "file": None if state.file is None else str(state.file),
        "revoked": state.revoked,
        "events": [
            {"at": event.at.isoformat(), "event": event.event}
            | ({} if event.since is None else {"since": event.since.isoformat()})
            for event in state.events
        ],
    }


def _rotation(done: Rotation) -> dict[str, Any]:
    return {
        "outcome": done.outcome,
        "before": done.before,
        "after": done.after,
        "file": str(done.file),
        "resumed": done.resumed,
    }


def _report(
    url: str, since: datetime, survey: KeySurvey, done: Rotation | None, reissued: tuple[Reissued, ...]
) -> dict[str, Any]:
    after = {each.before: each.after for each in reissued}
    return {
        "key": url,
        "since": since.isoformat(),
        "dryRun": done is None,
        "inUse": None if done is None else done.after,
        "credentials": [
            {
                "id": each.id,
                "type": each.type,
                "subject": each.subject,
                "signedAt": None if each.signed_at is None else each.signed_at.isoformat(),
                "since": each.since,
                "signedAnewAs": after.get(each.id),
            }
            for each in survey.affected
        ],
        "statusLists": list(survey.lists),
        "leftAlone": [{"id": each.id, "type": each.type, "reason": each.reason} for each in survey.changed],
        "roles": [{"id": role.id, "holder": role.holder} for role in survey.roles],
        "declarations": [each.id for each in survey.affected if each.type == DECLARATION_TYPE],
    }


# --- for people -----------------------------------------------------------------------------------------------------


def _print(
    project: Project, url: str, survey: KeySurvey, done: Rotation | None, reissued: tuple[Reissued, ...]
) -> None:
    lists = len(survey.lists)
    if done is None:
        console.say(Message("nothing was changed: this is what would be done for {url}", url=url))
        console.say()
        affected = len(survey.affected)
        console.say(Message("{number:,} credentials would be signed anew, and the old ones revoked", number=affected))
        console.say(Message("{number:,} status lists of that key would be signed anew", number=lists))
    else:
        console.say_fact(Message("revoked"), url, 9)
        console.say_fact(Message("in use"), done.after, 9)
        console.say()
        anew = len(reissued)
        console.say(Message("{number:,} credentials are signed anew, and the old ones revoked", number=anew))
        console.say(Message("{number:,} status lists of that key are signed anew", number=lists))
    _say_suspects([credential for credential in survey.affected if credential.since])
    if survey.changed:
        console.say()
        alone = len(survey.changed)
        console.say(Message("{number:,} left alone: they name the key and do not fit its signature", number=alone))
        for fault in survey.changed[:_SHOWN]:
            console.say(f"  {fault.type}  {fault.id}")
        command = "passport issue FILE --replace --reason TEXT"
        again = Message("Issue them again from your own records: {command}", command=command)
        console.say("  " + console.spoken(again))
    if survey.roles:
        console.say()
        roles = len(survey.roles)
        console.say(
            Message("{number:,} roles that still count may have been signed with it. Give them again:", number=roles)
        )
        console.say("  " + console.spoken(Message("passport grant list, then passport grant HOLDER …")))
    if declarations := [credential.id for credential in survey.affected if credential.type == DECLARATION_TYPE]:
        console.say()
        number = len(declarations)
        console.say(Message("{number} carbon footprint declarations need a new countersignature", number=number))
    _say_what_others_do(project)


def _say_suspects(suspects: list[Affected]) -> None:
    if not suspects:
        return
    console.say()
    number = len(suspects)
    console.say(
        Message("{number:,} of them were signed since that instant. Compare them with your own records:", number=number)
    )
    for suspect in suspects[:_SHOWN]:
        console.say(f"  {suspect.type}  {suspect.subject}")
    if len(suspects) > _SHOWN:
        rest = Message("and {number:,} more; --json has all of them", number=number - _SHOWN)
        console.say("  " + console.spoken(rest))


def _say_what_others_do(project: Project) -> None:
    console.say()
    bring = Message(
        "bring {document}, {trust_list} and the store to the read side, and restart it",
        document=project.did_document_path.name,
        trust_list=project.trust_list_path.name,
    )
    console.say_fact(Message("Next"), bring, 9)
    console.say_fact("", Message("tell those who pin {issuer}: docs/keys.md", issuer=project.issuer), 9)
