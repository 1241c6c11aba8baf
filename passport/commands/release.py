"""``passport release``: a copy of the project's store for a resolver abroad, by a policy, with a log of what left."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from passport.battery.privacy.release_policy import ReleasePolicy, check_log
from passport.commands.terminal import console
from passport.errors import PassportError, UnusableProject, UsageError
from passport.identity import DidResolver
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.release.release_update import update as update_copy
from passport.publishing.release.releaser import Release
from passport.publishing.release.releaser import release as release_store
from passport.texts import Message
from passport.vocabulary import vocabulary

#: The log of what left, in the project that it left from.
LOG = "releases.jsonl"


@click.command()
@click.option("--policy", "policy_file", metavar="FILE", help="The release policy, JSON; not with --update.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="Folder of the copy; new or empty."
)
@click.option("--update", "is_update", is_flag=True, help="Carry newer status lists and revocations into the copy.")
@console.project_option
@console.command
def release(policy_file: str | None, output: Path, is_update: bool, project_folder: str | None, as_json: bool) -> None:
    """Copy what a policy releases into a project folder of its own, which `passport serve` serves abroad.

    Denied by default: only indicators whose export class or name the policy gives leave the project. The copy holds no
    key. Every credential that left is a line in releases.jsonl of the project, chained to the line before.

    \b
    Examples:
      passport release --policy release-eu.json -o abroad --project shop
      passport serve --project abroad
      passport release --update -o abroad --project shop
    """
    project = Project.find(project_folder)
    if is_update == (policy_file is not None):
        raise UsageError(
            Message("--update takes no policy: it carries the status of what was released")
            if is_update
            else Message("a release needs a policy"),
            expected=Message("--policy FILE, or --update"),
        )
    if policy_file is None:
        _update(project, output, as_json)
        return
    policy = ReleasePolicy.from_json(strict_json.loads(console.read_input(policy_file)), vocabulary.load())
    made = release_copy(project, policy, output, at=console.now())
    _report(policy, made, output, project.folder / LOG, as_json)


def release_copy(project: Project, policy: ReleasePolicy, output: Path, *, at: datetime) -> Release:
    """Make the folder of a released copy of a project, and log what left.

    :param output: new or empty; :param at: instant of the release.
    :raises UsageError: the folder holds something. :raises MalformedPolicy: the log of releases was changed.
    :raises StoredUnverified: something that would leave does not verify; nothing was copied.
    """
    resolver = DidResolver(project.trust_list().did_documents())
    _refuse_filled(output)
    log = project.folder / LOG
    previous = _last_digest(log)
    output.mkdir(parents=True, exist_ok=True)
    # A store of its own, in its folder, wherever the project's is.
    copy = replace(project, folder=output, store=None)
    source, target = project.open_store(), copy.open_store()
    try:
        made = release_store(
            source, target, policy, vocabulary.load(), at=at, previous=previous, resolver=resolver
        )  # fmt: skip
    except PassportError:
        # The folder was empty or new, and would be refused as filled the next time.
        for path in output.iterdir():
            path.unlink()
        raise
    finally:
        source.close()
        target.close()
    # The log is written before the copy becomes a project: what is not logged cannot be served.
    _append(log, made.log)
    copy.write()
    console.write_output(copy.trust_list_path, project.trust_list_path.read_bytes())
    return made


def _update(project: Project, output: Path, as_json: bool) -> None:
    copy = Project.find(str(output))
    resolver = DidResolver(project.trust_list().did_documents())
    source, target = project.open_store(), copy.open_store()
    try:
        lists = update_copy(source, target, at=console.now(), resolver=resolver)
    finally:
        source.close()
        target.close()
    if as_json:
        console.say_json({"lists": [vars(entry) for entry in lists]})
        return
    for entry in lists:
        state = Message("newer list") if entry.newer else Message("nothing newer")
        changes = Message("{n} change of status", plural="{n} changes of status", n=entry.changes)
        console.say(Message("list {number} ({purpose}): {state}, {changes}", number=entry.number, purpose=entry.purpose,
                            state=state, changes=changes))  # fmt: skip


def _refuse_filled(output: Path) -> None:
    if output.exists() and (not output.is_dir() or any(output.iterdir())):
        raise UsageError(
            Message("{output} holds something already", output=output),
            expected=Message("a new or empty folder"),
            found=Message("files in it"),
        )


def _last_digest(log: Path) -> str:
    """Digest of the last line of the log, after checking that no line was changed."""
    if not log.exists():
        return check_log(iter(()))
    with open(log, "rb") as lines:
        return check_log(lines)


def _append(log: Path, lines: tuple[bytes, ...]) -> None:
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab") as file:
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise UnusableProject(Message("{log} cannot be written", log=log), found=error.strerror) from error


def _report(policy: ReleasePolicy, made: Release, output: Path, log: Path, as_json: bool) -> None:
    outcomes = Counter(entry.decision.outcome.value for entry in made.considered)
    if as_json:
        console.say_json({
            "policy": policy.id, "recipient": policy.recipient, "packs": list(made.packs), "log": str(log),
            "credentials": [
                {"id": entry.stored.id, "type": entry.stored.type, "subject": entry.stored.subject,
                 "outcome": entry.decision.outcome.value, "released": list(entry.decision.released),
                 "withheld": list(entry.decision.withheld), "reason": entry.decision.reason}
                for entry in made.considered
            ],
        })  # fmt: skip
        return
    console.say(
        Message(
            "{folder}  {n} pack for {recipient}, by {policy}",
            plural="{folder}  {n} packs for {recipient}, by {policy}",
            folder=str(output),
            n=len(made.packs),
            recipient=policy.recipient,
            policy=policy.id,
        )
    )
    sums = Message(
        "{whole} whole, {part} in part, {kept} kept",
        whole=outcomes["whole"],
        part=outcomes["part"],
        kept=outcomes["nothing"],
    )
    _say_fact(Message("credentials"), sums)
    for reason, count in sorted(Counter(entry.decision.reason for entry in made.kept).items()):
        _say_fact(Message("kept"), f"{count}  {console.spoken(reason or '')}")
    lines = Message("{n} line added to {log}", plural="{n} lines added to {log}", n=len(made.log), log=str(log))
    _say_fact(Message("log"), lines)


def _say_fact(label: Message, fact: str) -> None:
    console.say("  " + console.pad(label, 13) + console.spoken(fact))
