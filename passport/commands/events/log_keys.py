"""The keys of logs and witnesses in a project: Ed25519, one file each, apart from the key that issues."""

from __future__ import annotations

from pathlib import Path

from passport.commands.terminal import console
from passport.errors import MalformedKey, UnusableProject
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.project import Project
from passport.publishing.events.receipts import ReceiptWriter
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store import Store
from passport.store.log.log_writing import ACCESS, EVENTS
from passport.texts import Message

LOG_KEYS = {EVENTS: Path("keys") / "log.pem", ACCESS: Path("keys") / "access-log.pem"}
WITNESS_KEY = Path("keys") / "witness.pem"
#: Of the log of exchanges, which is the connector's.
EXCHANGE_KEY = Path("keys") / "exchange-log.pem"
#: Beside a key: its public half, as others need it.
PUBLIC = ".vkey"
_COMMANDS = {WITNESS_KEY: "passport log key --witness", EXCHANGE_KEY: "passport connector log key"}


def kept_key(project: Project, path: Path, passphrase_file: str | None) -> tuple[PrivateKey, bool]:
    """The key of a log or witness, made where there is none; and whether it was made now.

    :raises KeyFileError: the passphrase does not open it.
    """
    file, passphrase = project.folder / path, console.read_passphrase(passphrase_file)
    if file.exists():
        return PrivateKey.load(file, passphrase), False
    file.parent.mkdir(mode=0o700, exist_ok=True)
    private_key = PrivateKey.generate(Algorithm.ED25519)
    private_key.save(file, passphrase)
    return private_key, True


def log_signer(project: Project, path: Path, passphrase_file: str | None) -> KeySigner:
    """:raises UnusableProject: there is no such key; :raises MalformedKey: it is not of Ed25519."""
    if not (project.folder / path).exists():
        command = _COMMANDS.get(path, "passport log key")
        raise UnusableProject(
            Message("{path} is missing", path=project.folder / path),
            hint=Message("Make it: {command}", command=command),
        )
    return _signer(project.folder / path, console.read_passphrase(passphrase_file))


def receipt_writer(project: Project, store: Store, passphrase: bytes | None) -> ReceiptWriter:
    """What makes the receipts of the project's inbox: with the key of its log, where there is one.

    :raises KeyFileError: the passphrase does not open the key.
    """
    path = project.folder / LOG_KEYS[EVENTS]
    signer = _signer(path, passphrase) if path.exists() else None
    return ReceiptWriter(Log(store, EVENTS, log_name(project.base_url, EVENTS)), signer)


def _signer(path: Path, passphrase: bytes | None) -> KeySigner:
    private_key = PrivateKey.load(path, passphrase)
    if private_key.algorithm is not Algorithm.ED25519:
        raise MalformedKey(
            Message("logs and witnesses sign with Ed25519"),
            expected=Algorithm.ED25519.value,
            found=private_key.algorithm.value,
        )
    return KeySigner(private_key)
