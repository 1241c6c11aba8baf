"""``passport doctor``: whether a project is fit to issue and to serve.

It reads the same environment variables as the resolver (``PASSPORT_STORE``, ``PASSPORT_STATUS_MAX_AGE``, …). One fault
hides no other: a check that cannot be done is a finding too.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from passport.battery.identifiers.record_address import REGISTRY_LENGTH
from passport.commands.terminal import console
from passport.credentials import credential as vcdm
from passport.credentials.trust import TrustList
from passport.errors import KeyFileError, PassportError
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.stored_sample import sample
from passport.store import Store
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message, error_hint, error_text
from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, MODEL_DETAIL, PASSPORT
from resolver import health
from resolver.config import ResolverConfig, issuers_without_audiences

KEY_MAX_AGE = timedelta(days=2 * 366)
DISK_MIN = 1_000_000_000
#: What the operator's own trust list must accept for its own views to verify.
OWN_TYPES = frozenset({MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION})

_SIGN_AGAIN = Message("Sign it again: passport refresh --project {folder}, daily by a timer (docs/deploy.md).")
_OF_ANOTHER = Message("{issuer} signs it: passport refresh in that issuer's project, which shares this store.")
#: Where there is no key: an ordinary read side and a released copy abroad.
_FETCH = Message(
    "Nothing can be signed here. Run passport refresh where the key is, then bring the store here again; "
    "a released copy takes the new lists alone: passport refresh --from LIST."
)


@dataclass(frozen=True)
class DoctorFinding:
    """:ivar outcome: ``passed``, ``warning``, ``failed`` or ``undetermined``.

    :ivar hint: what to do, where it is not passed.
    """

    name: str
    outcome: str
    detail: str
    hint: str | None = None

    @classmethod
    def of(cls, name: str, good: bool, detail: str, hint: str) -> DoctorFinding:
        return cls(name, "passed", detail) if good else cls(name, "failed", detail, hint)

    @classmethod
    def failed(cls, name: str, error: PassportError, hint: str | None = None) -> DoctorFinding:
        return cls(name, "failed", error_text(error), error_hint(error) or hint)

    def to_json(self) -> dict[str, str | None]:
        return dict(vars(self))


@click.command()
@console.project_option
@console.passphrase_option
@console.command
def doctor(project_folder: str | None, passphrase_file: str | None, as_json: bool) -> None:
    """Check settings, trust list, key, disk, clock, store, status lists and access log. Changes nothing.

    The key is held against the DID document; an encrypted one needs --passphrase-file for that. The store is looked
    through (SQLite: quick_check), and a sample of its credentials is verified.

    PASSPORT_STORE and the resolver's other variables count as they do for the resolver.

    Leaves with 0 when all is well, 1 when something is wrong or soon will be, 3 when something could not be checked.

    \b
    Examples:
      passport doctor --project shop
      passport doctor --project shop --json
    """
    project = Project.find(project_folder)
    passphrase = console.read_passphrase(passphrase_file)
    findings = tuple(examine(project, console.now(), os.environ, passphrase))
    outcomes = {finding.outcome for finding in findings}
    if as_json:
        console.say_json({"findings": [finding.to_json() for finding in findings]})
    else:
        for finding in findings:
            line = Message("{name}: {detail}", name=finding.name, detail=finding.detail)
            console.say(console.mark(finding.outcome), " ", line)
            if finding.hint:
                console.say("  ", finding.hint)
    raise SystemExit(1 if outcomes & {"failed", "warning"} else 3 if "undetermined" in outcomes else 0)


def _address_length(base_url: str) -> DoctorFinding:
    """How long addresses of packs are. No warning: the limit of the EU registry is known second-hand."""
    shortest = len(base_url + "/01/" + 14 * "0" + "/21/") + 1
    detail = Message(
        "addresses of packs with a GTIN have {shortest} characters or more; the EU registry is said to take {limit}",
        shortest=shortest,
        limit=REGISTRY_LENGTH,
    )
    return DoctorFinding(Message("address length"), "passed", detail)


def examine(
    project: Project, at: datetime, environ: Mapping[str, str], passphrase: bytes | None = None
) -> Iterator[DoctorFinding]:
    """Every finding about a project.

    :param at: what the clock says.
    :param environ: the settings of the resolver. ``PASSPORT_PROJECT`` is ignored in favour of ``project``.
    :param passphrase: of the issuer's key, to hold it against the DID document where it is encrypted.
    """
    try:
        yield _trust(project, project.trust_list())
    except PassportError as error:
        yield DoctorFinding.failed(Message("trust list"), error)
    config = None
    try:
        config = ResolverConfig.from_environ({**environ, "PASSPORT_PROJECT": str(project.folder)})
        yield DoctorFinding(Message("settings"), "passed", config.base_url)
        yield _address_length(config.base_url)
    except PassportError as error:
        yield DoctorFinding.failed(Message("settings"), error, Message("The resolver would not start with them."))
    if project.signer is None:
        yield from _key(project.key_path, at)
    else:
        yield DoctorFinding(Message("issuer key"), "passed", Message("in a token or at a service, not in a file"))
    yield from _identity(project, at, passphrase)
    yield from _files(project)
    # Before the store, which may be elsewhere: the log is beside the project in any case.
    yield from _access_log(project.state_path)
    yield from _role_lists(project.state_path)
    free = shutil.disk_usage(project.folder).free
    yield DoctorFinding.of(
        Message("disk"),
        free >= DISK_MIN,
        Message("{free:.1f} GB free", free=free / 1e9),
        Message("Make room: {least:.0f} GB.", least=DISK_MIN / 1e9),
    )
    if config is None:
        yield DoctorFinding(
            Message("store"),
            "undetermined",
            Message("not looked at"),
            Message("Put the settings and the trust list right first."),
        )
    elif not environ.get("PASSPORT_STORE") and not project.has_store():
        # Opening would make it.
        yield DoctorFinding(
            Message("store"),
            "undetermined",
            Message("nothing issued yet"),
            Message("passport issue makes the store."),
        )
    else:
        try:
            yield from _store(config, at, project)
        except PassportError as error:
            yield DoctorFinding.failed(Message("store"), error, Message("Restore it from the backup."))


def _store(config: ResolverConfig, at: datetime, project: Project) -> Iterator[DoctorFinding]:
    store = Store.open(config.store_url or "")
    try:
        lists = {number: store.status_list(number) for number in store.list_numbers()}
        signers = store.list_issuers()
        yield from _contents(store, config.trust_list, project, at)
    finally:
        store.close()
    yield from _clock([document for document in lists.values() if document is not None], at)
    signs = project.signer is not None or project.key_path.exists()
    hint = _SIGN_AGAIN.fill(folder=project.folder) if signs else _FETCH
    outcomes = {
        health.HealthStatus.PASS: "passed",
        health.HealthStatus.WARN: "warning",
        health.HealthStatus.FAIL: "failed",
    }
    for check in health.status_lists(lists, config.trust_list, at=at, max_age=config.status_max_age):
        outcome = outcomes[check.status]
        detail = check.detail
        if outcome == "passed":
            detail = Message("{detail}, until {end:%Y-%m-%d}", detail=check.detail, end=check.ends)
        name, signer = _list_name(check), signers.get(_number(check), project.issuer)
        advice = hint if signer == project.issuer else _OF_ANOTHER.fill(issuer=signer)
        yield DoctorFinding(name, outcome, detail, None if outcome == "passed" else advice)


def _number(check: health.HealthCheck) -> int:
    """Number of a status list; 0 where the check is about all of them."""
    return int(check.name.removeprefix(health.LIST).removeprefix("-") or 0)


def _list_name(check: health.HealthCheck) -> Message:
    number = _number(check)
    return Message("status list {number}", number=number) if number else Message("status list")


def _trust(project: Project, trust_list: TrustList) -> DoctorFinding:
    own = trust_list.issuer(project.issuer)
    missing = sorted(OWN_TYPES - own.trusted_for) if own else []
    if own is None or missing:
        return DoctorFinding(
            Message("trust list"),
            "failed",
            Message("this project's own issuer is not on it")
            if own is None
            else Message("own issuer, not for {types}", types=missing),
            Message("Add it to trusted-issuers.json: docs/deploy.md, The trust list."),
        )
    if project.issuer.startswith("did:web:") and own.did_document is None:
        return DoctorFinding(
            Message("trust list"),
            "failed",
            Message("the own did:web has no pinned document"),
            Message("Put what passport key did-document prints under didDocument in its entry."),
        )
    if silent := issuers_without_audiences(trust_list):
        return DoctorFinding(
            Message("trust list"),
            "failed",
            Message("roles of {issuer} admit no one: its entry names no audiences", issuer=silent[0].name),
            Message(
                'Say whom they may let in, such as "audiences": ["legitimate-interest"]: docs/deploy.md, The '
                "trust list."
            ),
        )
    return DoctorFinding(
        Message("trust list"),
        "passed",
        Message("{n} issuer", plural="{n} issuers", n=len(trust_list.issuers)),
    )


def _key(path: Path, at: datetime) -> Iterator[DoctorFinding]:
    try:
        status = path.stat()
    except OSError:
        yield DoctorFinding(
            Message("issuer key"),
            "passed",
            Message("not on this machine, as it should be where only pages are served"),
        )
        return
    mode = stat.S_IMODE(status.st_mode)
    yield DoctorFinding.of(
        Message("issuer key"),
        mode & 0o077 == 0,
        Message("mode {mode:o}", mode=mode),
        Message("Others can read it: chmod 600 {path}", path=path),
    )
    age = at - datetime.fromtimestamp(status.st_mtime, UTC)
    yield DoctorFinding.of(
        Message("key age"),
        age <= KEY_MAX_AGE,
        Message("{n} day", plural="{n} days", n=max(age.days, 0)),
        Message("passport key rotate: docs/keys.md."),
    )


def _identity(project: Project, at: datetime, passphrase: bytes | None) -> Iterator[DoctorFinding]:
    """Whether the signing key is the key in the served DID document and in the pinned one."""
    name, url = Message("signing key"), project.verification_method
    try:
        keys = {resolver.verification_method(url, "assertionMethod", at=at).public_key
                for resolver in project.resolvers()}  # fmt: skip
    except PassportError as error:
        yield DoctorFinding.failed(name, error, Message("docs/keys.md says what has to be in it."))
        return
    if len(keys) > 1:
        yield DoctorFinding(
            name,
            "failed",
            Message("did.json and the trust list give two keys for {url}", url=url),
            Message("Put the document that is served into the trust list, or the other way round: docs/keys.md."),
        )
        return
    path = project.key_path
    if project.signer is not None and passphrase is None:
        yield DoctorFinding(
            name,
            "undetermined",
            Message("not held against the key, which needs a PIN or passphrase"),
            Message("Give its passphrase: --passphrase-file FILE."),
        )
        return
    if project.signer is None and not path.exists():
        yield DoctorFinding(name, "passed", Message("{url} is in the DID document", url=url))
        return
    try:
        project.issuer_with_key(passphrase)
    except KeyFileError as error:
        if passphrase is None and _is_encrypted(path):
            yield DoctorFinding(
                name,
                "undetermined",
                Message("not held against the key, which is encrypted"),
                Message("Give its passphrase: --passphrase-file FILE."),
            )
            return
        yield DoctorFinding.failed(name, error)
    except PassportError as error:
        yield DoctorFinding.failed(name, error, Message("See docs/keys.md."))
    else:
        yield DoctorFinding(name, "passed", Message("is {url} of the DID document", url=url))


def _is_encrypted(path: Path) -> bool:
    try:
        return b"ENCRYPTED" in path.read_bytes()[:100]
    except OSError:
        return False


def _contents(store: Store, trust_list: TrustList, project: Project, at: datetime) -> Iterator[DoctorFinding]:
    """Whether the database is whole, and whether what is in it was signed with a key that verifiers find."""
    restore = Message("Restore it from the backup: docs/deploy.md, Restore.")
    try:
        whole = store.integrity()
        detail: str = (*whole.faults, whole.detail)[0]
        if len(whole.faults) > 1:
            detail = Message("{fault} (and {count} more)", fault=detail, count=len(whole.faults) - 1)
        yield DoctorFinding.of(Message("database"), not whole.faults, detail, restore)
    except PassportError as error:
        yield DoctorFinding.failed(Message("database"), error, restore)
    try:
        own = project.resolvers()[-1].documents
    except PassportError:
        own = {}
    sampled = sample(store, DidResolver(trust_list.did_documents()).extended(own), at=at)
    looked_at = Message("{examined} of {total:,} credentials looked at", examined=sampled.examined, total=sampled.total)
    if sampled.faults:
        first = sampled.faults[0]
        yield DoctorFinding(
            Message("signatures"),
            "failed",
            Message(
                "{count} of {looked_at}; {type} {id}: {reason}",
                count=len(sampled.faults),
                looked_at=looked_at,
                type=first.type,
                id=first.id,
                reason=first.reason,
            ),
            Message('Sign anew: passport issue FILE --replace --reason "does not verify". A stolen key: docs/keys.md.'),
        )
    elif sampled.unknown and not sampled.examined:
        yield DoctorFinding(
            Message("signatures"),
            "undetermined",
            Message("no DID document of their issuers is at hand"),
            Message("See docs/keys.md."),
        )
    else:
        yield DoctorFinding(Message("signatures"), "passed", Message("{looked_at}, all verify", looked_at=looked_at))


def _files(project: Project) -> Iterator[DoctorFinding]:
    """The store holds restricted data, the state the secret of the tokens; a copy has the mode that copying gave it."""
    for path in (project.folder / "passports.db", project.state_path):
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
            yield DoctorFinding(
                path.name,
                "failed",
                Message("mode {mode:o}", mode=mode),
                Message("Others can read it: chmod 600 {path}", path=path),
            )


def _clock(lists: list[JsonObject], at: datetime) -> Iterator[DoctorFinding]:
    """Nobody signs in the future, so a clock that is behind the newest signature is wrong."""
    signed = [since for document in lists if (since := vcdm.valid_from(document)) is not None]
    if signed:
        behind = max(signed) - at
        good = behind <= timedelta(minutes=5)
        detail: str = f"{at:%Y-%m-%d %H:%M} UTC"
        if not good:
            detail = Message("{time} behind what was signed last", time=str(behind))
        yield DoctorFinding.of(Message("clock"), good, detail, Message("Set the clock (NTP)."))


def _role_lists(path: Path) -> Iterator[DoctorFinding]:
    """The status lists of other issuers of roles, which the resolver fetches in the background."""
    if not path.exists():
        return
    try:
        lists = ResolverState(path).role_lists()
    except PassportError as error:
        yield DoctorFinding.failed(Message("role lists"), error)
        return
    for known in lists:
        detail = Message("{address}: never fetched", address=known.address)
        if known.fetched is not None:
            detail = Message("{address}: fetched {at:%Y-%m-%d %H:%M} UTC", address=known.address, at=known.fetched)
        if known.fault:
            detail = Message("{detail}; {fault}", detail=detail, fault=known.fault)
        hint = Message("Roles of its issuer are refused when the list is past its time. Ask the issuer.")
        yield DoctorFinding.of(Message("role list"), known.fault is None and known.body is not None, detail, hint)


def _access_log(path: Path) -> Iterator[DoctorFinding]:
    if not path.exists():
        return
    try:
        state = ResolverState(path)
        broken = state.first_broken()
        number, head = state.log_head()
    except PassportError as error:
        yield DoctorFinding.failed(Message("access log"), error, Message("Restore it from the backup."))
        return
    detail = Message("{n} entry, newest none", plural="{n} entries, newest none", n=number)
    if head:
        detail = Message("{n} entry, newest {head}", plural="{n} entries, newest {head}", n=number, head=head[:16])
    if broken is not None:
        detail = Message("broken at entry {number}", number=broken)
    yield DoctorFinding.of(
        Message("access log"),
        broken is None,
        detail,
        Message("Somebody changed it. Compare with the newest hash noted elsewhere and with the backups."),
    )
