"""Key rotation: a new key for an issuer, and the revocation of a compromised key, in a safe order of writes.

An issuer with a did:web has one DID document with all its keys. Its project holds it twice: ``did.json`` is served to
the world, and the trust list pins it for this site. ``passport.toml`` says which key signs.

1. The new private key is made beside the old one, mode 600, and nothing is overwritten.
2. ``did.json`` gets the new key; the old one is *retired*, or, where others may have it, *revoked*.
3. The trust list pins the same document, with the day.
4. ``passport.toml`` names the new key. From here on it signs.

Each step replaces one file as a whole and is on the disk before the next begins. After a crash the project signs with
the key that ``passport.toml`` names, and with a document that has it. The same command, run again, continues from
there. Only a key that was revoked in step 2 stops signing at once.

What the keys mean to a verifier is in :mod:`passport.identity.did_rotation` and docs/decisions/0012.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from passport.errors import FixedKey, ForeignKey, UnusableProject, UnusableSigner, UsageError
from passport.identity import did_rotation, did_web
from passport.identity.keys import Algorithm, PrivateKey
from passport.linked_data import strict_json
from passport.project import CONFIGURATION, Project
from passport.publishing.keys import key_history
from passport.publishing.keys.key_history import KeyEvent
from passport.publishing.keys.project_files import like_its_folder, replace_file, sync_folder, with_settings
from passport.texts import Message

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

_TURN = ".rotation"


@dataclass(frozen=True)
class KeyState:
    """One key of the issuer.

    :ivar id: verification method.
    :ivar state: ``in use``, ``announced``, ``retired``, ``revoked``; ``other`` where the document lists it for
        something else.
    :ivar file: its private key, where this project has it.
    :ivar events: what became of it and when, oldest first.
    """

    id: str
    multikey: str | None
    state: str
    file: Path | None
    revoked: str | None
    events: tuple[KeyEvent, ...]


@dataclass(frozen=True)
class Rotation:
    """What a rotation did.

    :ivar project: as it is from now on; :ivar before: the key that signed; :ivar after: the key that signs next.
    :ivar file: the private key of ``after``.
    :ivar outcome: ``rotated``, ``announced``, or ``same`` where the key was announced before.
    :ivar resumed: whether an earlier command had begun it.
    """

    project: Project
    before: str
    after: str
    file: Path
    outcome: str
    resumed: bool


def states(project: Project) -> tuple[KeyState, ...]:
    """The keys of the issuer, as its DID document lists them. A did:key is one key, in use for ever."""
    if project.issuer.startswith("did:key:"):
        file = project.key_path if project.key_path.exists() else None
        multikey = project.issuer.removeprefix("did:key:")
        return (KeyState(project.verification_method, multikey, "in use", file, None, ()),)
    document = current_document(project)
    current, events = _fragment(project), key_history.read(_folder(project))
    key_states = []
    for method in did_rotation.methods(document):
        url = f"{project.issuer}#{method.fragment}"
        if method.revoked is not None:
            state = "revoked"
        elif method.fragment == current:
            state = "in use"
        elif not method.signs:
            state = "other"
        else:
            state = "announced" if "authentication" in method.purposes else "retired"
        file = project.key_path if method.fragment == current else _key_file(project, method.fragment)
        own = tuple(event for event in events if event.key == url)
        known = file if file.exists() else None
        key_states.append(KeyState(url, method.multikey, state, known, method.revoked, own))
    return tuple(key_states)


def refuse_signer(project: Project) -> None:
    """Refuse to make a key file for a project whose key is in no file.

    :raises UnusableSigner: it is in a token or at a service.
    """
    if project.signer is not None:
        raise UnusableSigner(
            Message("the key of this project is in no file"),
            expected=Message("a new key in the token or service, named by --signer"),
            hint=Message("Make the new key there: docs/signers.md."),
        )


def rotate(project: Project, passphrase: bytes | None, *, at: datetime, announce: bool = False) -> Rotation:
    """Begin to use a new key, and keep the old one in the DID document for what it signed.

    :param passphrase: encrypts the new key; the old key file, where it is there, has to open with it.
    :param at: what the clock says, aware.
    :param announce: put the new key into the DID document and go on signing with the old one. The next rotation begins
        to use it. Meanwhile others can renew the document that they pin.
    :raises FixedKey: the issuer is a did:key.
    :raises UnusableSigner: its key is in no file: :mod:`passport.publishing.keys.signer_rotation` changes to another.
    :raises ForeignKey: the key in hand is not the one of the DID document.
    :raises KeyFileError: a key file cannot be read or made, or the passphrase is wrong.
    :raises UnusableProject: the project's DID documents contradict each other, or a file cannot be written.
    """
    _refuse_fixed(project)
    refuse_signer(project)
    with rotation_turn(project):
        document, before = current_document(project), _fragment(project)
        _check_current(project, document, passphrase)
        fragment, key, resumed = _successor(project, document, passphrase, at)
        url = f"{project.issuer}#{fragment}"
        made = did_rotation.with_key(document, fragment, key.public_key)
        file = _key_file(project, fragment)
        if announce:
            outcome = "same" if made == document else "announced"
            if outcome == "announced":
                note(project, KeyEvent(at, "announced", url))
                publish(project, made, at)
            return Rotation(project, project.verification_method, url, file, outcome, resumed)
        # The old key may have been revoked by a command that was interrupted before step 4.
        if not _method(document, before).revoked:
            made = did_rotation.retired(made, before)
            note(project, KeyEvent(at, "retired", project.verification_method))
        publish(project, made, at)
        return _switched(project, fragment, file, at, resumed)


def compromised_key(project: Project, since: datetime, *, at: datetime, fragment: str | None = None) -> str:
    """The verification method that is meant: the key that signed at ``since``, unless the caller names another.

    :raises FixedKey: the issuer is a did:key.
    :raises UsageError: there is no such key, or ``since`` lies in the future or has no zone.
    """
    _refuse_fixed(project)
    if since.tzinfo is None:
        raise UsageError(
            Message("--since has no time zone"), expected=Message("such as 2027-03-08T09:30:00Z"), found=str(since)
        )
    if since > at:
        raise UsageError(
            Message("--since lies in the future"),
            expected=Message("at most {at:%Y-%m-%dT%H:%M:%SZ}", at=at),
            found=str(since),
        )
    document = current_document(project)
    if fragment is None:
        events = key_history.read(_folder(project))
        url = key_history.in_use_at(events, project.verification_method, since)
        fragment = url.partition("#")[2] if url else None
    else:
        fragment = fragment.removeprefix(project.issuer).removeprefix("#")
    names = [method.fragment for method in did_rotation.methods(document)]
    if fragment not in names:
        raise UsageError(
            Message("it is not clear which key is meant"),
            expected=Message("--key with one of {names}", names=names),
            found=str(fragment),
        )
    return f"{project.issuer}#{fragment}"


def revoke(project: Project, url: str, passphrase: bytes | None, *, since: datetime, at: datetime) -> Rotation:
    """Revoke a key in both DID documents. If it is the signing key, a new key replaces it.

    Nothing is signed anew here: :mod:`passport.publishing.reissue` does that with the issuer of the project that is
    given back.

    :param url: the key, as :func:`compromised_key` gives it.
    :param passphrase: encrypts the new key.
    :param since: instant from which on others may have had it.
    :raises PassportError: as :func:`rotate`.
    """
    _refuse_fixed(project)
    with rotation_turn(project):
        document, current = current_document(project), _fragment(project)
        fragment = url.partition("#")[2]
        if fragment != current:
            made = did_rotation.revoked(document, fragment, since)
            note(project, KeyEvent(at, "compromised", url, since=since))
            publish(project, made, at)
            return Rotation(project, url, project.verification_method, project.key_path, "revoked", False)
        refuse_signer(project)
        if project.key_path.exists():
            # Whose key it is does not matter any more. That the passphrase is the right one does, for the new key.
            PrivateKey.load(project.key_path, passphrase)
        successor, key, resumed = _successor(project, document, passphrase, at)
        made = did_rotation.with_key(document, successor, key.public_key)
        made = did_rotation.revoked(made, fragment, since)
        note(project, KeyEvent(at, "compromised", url, since=since))
        publish(project, made, at)
        return _switched(project, successor, _key_file(project, successor), at, resumed)


# --- what is there --------------------------------------------------------------------------------------------------


def _refuse_fixed(project: Project) -> None:
    if not project.issuer.startswith(did_web.PREFIX):
        raise FixedKey(
            Message("the key of this issuer cannot be rotated or revoked"),
            expected=Message("an issuer with a did:web"),
            found=project.issuer[:80],
        )


def current_document(project: Project) -> Mapping[str, Any]:
    """The DID document that is served, else the pinned one.

    :raises UnusableProject: there is none, or the pinned one has a key that the served one does not have.
    """
    _refuse_fixed(project)
    project.resolvers()
    served, *pinned = project.own_documents()
    for document in pinned:
        for method in did_rotation.methods(document):
            other = did_rotation.method(served, method.fragment)
            if other is None or other.multikey != method.multikey or (method.revoked and not other.revoked):
                # Whichever were written, a key would be lost, or a revoked one would come back.
                raise UnusableProject(
                    Message(
                        "did.json and the trust list disagree about {key}",
                        key=f"{project.issuer}#{method.fragment}"[:150],
                    ),
                    expected=Message("the same key in both"),
                    found=Message("none in did.json") if other is None else Message("another one in did.json"),
                    hint=Message("Put the right document into both places: {page}.", page="docs/keys.md"),
                )
    return served


def _method(document: Mapping[str, Any], fragment: str) -> did_rotation.IssuerKey:
    issuer_key = did_rotation.method(document, fragment)
    if issuer_key is None:
        raise UnusableProject(
            Message("the DID document has no key {fragment}", fragment=fragment),
            hint=Message("{configuration} names it as the signing key.", configuration=CONFIGURATION),
        )
    return issuer_key


def _fragment(project: Project) -> str:
    return project.verification_method.partition("#")[2]


def _folder(project: Project) -> Path:
    return project.folder / "keys"


def _key_file(project: Project, fragment: str) -> Path:
    return _folder(project) / f"issuer-{fragment}.pem"


def _check_current(project: Project, document: Mapping[str, Any], passphrase: bytes | None) -> None:
    """That the key in hand is the right one, if it is there. A lost key is a reason to rotate.

    :raises ForeignKey: it is not.
    """
    method = _method(document, _fragment(project))
    if project.key_path.exists():
        key = PrivateKey.load(project.key_path, passphrase).public_key
        if key.multikey != method.multikey:
            raise ForeignKey(
                Message("the private key is not the one of {url}", url=project.verification_method),
                expected=method.multikey,
                found=key.multikey,
            )


def _successor(
    project: Project, document: Mapping[str, Any], passphrase: bytes | None, at: datetime
) -> tuple[str, PrivateKey, bool]:
    """Name and key of the next key, and whether it was there already: announced, or left by a crash.

    A key that was once in use, retired or revoked never comes back.
    """
    events, current = key_history.read(_folder(project)), _fragment(project)
    gone = {"in-use", "retired", "compromised"}
    for method in reversed(did_rotation.methods(document)):
        path = _key_file(project, method.fragment)
        begun = {event.event for event in events if event.key == f"{project.issuer}#{method.fragment}"}
        # "in-use" is written before passport.toml, so the history may name a key that does not sign yet.
        is_next = method.fragment != current and method.signs and "authentication" in method.purposes
        if is_next and not begun & (gone - {"in-use"}) and path.exists():
            key = PrivateKey.load(path, passphrase)
            if key.public_key.multikey == method.multikey:
                return method.fragment, key, True
    number = int(did_rotation.next_fragment(document).removeprefix("key-"))
    while True:
        fragment = f"key-{number}"
        path, last = _key_file(project, fragment), key_history.last_event(events, f"{project.issuer}#{fragment}")
        if last in (None, "made", "announced"):
            if not path.exists():
                key = PrivateKey.generate(Algorithm.P256)
                note(project, KeyEvent(at, "made", f"{project.issuer}#{fragment}"))
                key.save(path, passphrase)
                like_its_folder(path)
                sync_folder(path.parent)
                return fragment, key, False
            if last is not None:
                return fragment, PrivateKey.load(path, passphrase), True
        # An unknown file: it is left where it is.
        number += 1


# --- what is written ------------------------------------------------------------------------------------------------


def publish(project: Project, document: Mapping[str, Any], at: datetime) -> None:
    """Write a DID document into ``did.json`` and into the trust list: steps 2 and 3."""
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    replace_file(project.did_document_path, text.encode())
    path = project.trust_list_path
    listed = strict_json.loads(path.read_bytes())
    for entry in listed["issuers"]:
        if entry["id"] == project.issuer:
            entry["didDocument"] = dict(document)
            entry["pinnedOn"] = at.astimezone(UTC).date().isoformat()
    replace_file(path, (json.dumps(listed, ensure_ascii=False, indent=2) + "\n").encode())


def _switched(project: Project, fragment: str, file: Path, at: datetime, resumed: bool) -> Rotation:
    """Step 4, and the project as it is after it."""
    url = f"{project.issuer}#{fragment}"
    note(project, KeyEvent(at, "in-use", url, replaces=project.verification_method))
    path = project.folder / CONFIGURATION
    relative = file.relative_to(project.folder).as_posix()
    text = with_settings(path.read_text(encoding="utf-8"), {"verification_method": url, "key_file": relative})
    replace_file(path, text.encode())
    changed = replace(Project.open(project.folder), store=project.store)
    return Rotation(changed, project.verification_method, url, file, "rotated", resumed)


def note(project: Project, event: KeyEvent) -> None:
    """Add an event to the history of the keys, unless it is the last one already."""
    folder = _folder(project)
    if key_history.last_event(key_history.read(folder), event.key) == event.event and event.event != "compromised":
        return
    key_history.add(folder, event)
    like_its_folder(folder / key_history.NAME)


@contextmanager
def rotation_turn(project: Project) -> Iterator[None]:
    """One rotation at a time.

    :raises UsageError: another one is under way.
    """
    path = _folder(project) / _TURN
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UnusableProject(Message("{path} cannot be made", path=path), found=error.strerror) from error
    try:
        if fcntl is not None:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UsageError(
                    Message("the keys of this project are being changed"), hint=Message("Wait for the other command.")
                ) from None
        yield
    finally:
        os.close(descriptor)
