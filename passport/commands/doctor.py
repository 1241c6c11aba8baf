"""``passport doctor``: whether a project is fit to issue and to serve."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from passport.commands import console
from passport.credentials.trust import TrustList
from passport.errors import PassportError, UsageError
from passport.project import ISSUER_KEY, Project
from passport.store import Store

KEY_MAX_AGE = timedelta(days=2 * 366)
DISK_MIN = 1_000_000_000
#: What the operator's own trust list must accept for its own views to verify.
OWN_TYPES = frozenset({
    "BatteryModelCredential", "BatteryModelDetailCredential", "BatteryPassportCredential", "BatteryConditionCredential",
})  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """:ivar outcome: ``passed``, ``failed`` or ``undetermined``; :ivar hint: what to do, where it is not passed."""

    name: str
    outcome: str
    detail: str
    hint: str | None = None

    def to_json(self) -> dict[str, str | None]:
        return dict(vars(self))


@click.command()
@console.project_option
@console.command
def doctor(project_folder: str | None, as_json: bool) -> None:
    """Check clock, key, disk, store, status lists, trust list and access log. Signs nothing and changes nothing.

    Leaves with 0 when all is well, 1 when something is wrong, 3 when something could not be checked.

    \b
    Examples:
      passport doctor --project shop
      passport doctor --project shop --json
    """
    project = Project.find(project_folder)
    findings = tuple(examine(project, console.now()))
    outcomes = {finding.outcome for finding in findings}
    if as_json:
        console.say_json({"findings": [finding.to_json() for finding in findings]})
    else:
        for finding in findings:
            console.say(f"{console.mark(finding.outcome)} {finding.name}: {finding.detail}")
            if finding.hint and finding.outcome != "passed":
                console.say(f"  {finding.hint}")
    raise SystemExit(1 if "failed" in outcomes else 3 if "undetermined" in outcomes else 0)


def examine(project: Project, at: datetime) -> Iterator[Finding]:
    """Every finding about a project.

    :param at: what the clock says.
    """
    trust_list: TrustList | None = None
    try:
        trust_list = project.trust_list()
        yield _trust(project, trust_list)
    except PassportError as error:
        yield Finding("trust list", "failed", str(error), error.hint)
    yield from _key(project.folder / ISSUER_KEY, at)
    # Before the store, which may be elsewhere: the log is beside the project in any case.
    yield from _access_log(project.state_path)
    free = shutil.disk_usage(project.folder).free
    yield Finding("disk", "passed" if free >= DISK_MIN else "failed", f"{free / 1e9:.1f} GB free", "Make room.")
    if not (project.folder / "passports.db").exists():
        yield Finding("store", "undetermined", "nothing issued yet", "passport issue makes the store.")
        return
    store = project.open_store()
    try:
        yield from _clock(store, at)
        if trust_list is not None:
            yield from _status_lists(store, trust_list, at)
    finally:
        store.close()


def _trust(project: Project, trust_list: TrustList) -> Finding:
    own = trust_list.issuer(project.issuer)
    missing = sorted(OWN_TYPES - own.trusted_for) if own else []
    if own is None or missing:
        said = "this project's own issuer is not on it" if own is None else f"own issuer, not for {', '.join(missing)}"
        return Finding("trust list", "failed", said, "Add the issuer to trusted-issuers.json.")
    if project.issuer.startswith("did:web:") and own.did_document is None:
        return Finding("trust list", "failed", "the own did:web has no pinned document", "Pin it: passport key.")
    return Finding("trust list", "passed", f"{len(trust_list.issuers)} issuers")


def _key(path: Path, at: datetime) -> Iterator[Finding]:
    try:
        found = path.stat()
    except OSError:
        yield Finding("issuer key", "passed", "not on this machine, as it should be where only pages are served")
        return
    mode = stat.S_IMODE(found.st_mode)
    yield Finding(
        "issuer key", "passed" if mode & 0o077 == 0 else "failed", f"mode {mode:o}", f"chmod 600 {path}"
    )
    age = at - datetime.fromtimestamp(found.st_mtime, UTC)
    yield Finding(
        "key age", "passed" if age <= KEY_MAX_AGE else "failed", f"{max(age.days, 0)} days",
        "Make a new key and add it to the DID document; keep the old one listed.",
    )


def _clock(store: Store, at: datetime) -> Iterator[Finding]:
    newest = max(
        (since for number in store.list_numbers() if (since := _since(store, number)) is not None), default=None
    )
    if newest is None:
        return
    behind = newest - at
    good = behind <= timedelta(minutes=5)
    yield Finding(
        "clock", "passed" if good else "failed",
        f"{at:%Y-%m-%d %H:%M} UTC" if good else f"{behind} behind what was signed last", "Set the clock (NTP).",
    )


def _since(store: Store, number: int) -> datetime | None:
    document = store.status_list(number)
    return datetime.fromisoformat(document["validFrom"]) if document else None


def _status_lists(store: Store, trust_list: TrustList, at: datetime) -> Iterator[Finding]:
    try:
        from resolver import health
    except ImportError:
        raise UsageError("the server is not installed", hint='pip install "battery-passport[server]"') from None
    lists = [document for number in store.list_numbers() if (document := store.status_list(number)) is not None]
    for check in health.status_lists(lists, trust_list, at=at):
        yield Finding(
            check.name.replace("-", " "), "passed" if check.passed else "failed", check.detail,
            "Sign them again: passport refresh",
        )


def _access_log(path: Path) -> Iterator[Finding]:
    if not path.exists():
        return
    from resolver.state import State

    try:
        state = State(path)
        broken = state.first_broken()
        number, head = state.log_head()
    except PassportError as error:
        yield Finding("access log", "failed", str(error), "Restore it from the backup.")
        return
    yield Finding(
        "access log", "passed" if broken is None else "failed",
        f"{number} entries, newest {head[:16] or 'none'}" if broken is None else f"broken at entry {broken}",
        "Somebody changed it. Compare with the newest hash noted elsewhere and with the backups.",
    )
