"""A project that keeps something of everything: packs, a suspension, events, a log, reads of restricted data."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from passport.commands.keeping.init import make_project
from passport.identity import KeySigner, PrivateKey
from passport.identity.keys import Algorithm
from passport.project import Project
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.publishing.publisher import Publisher
from passport.store.log.access_log import AccessRecord
from passport.store.log.log_writing import EVENTS
from passport.store.state.resolver_state import ResolverState
from tests.packs import example_records
from tests.publishing.event_world import ACTORS, SigningWorld

#: When the packs were issued, and when the store is examined. The events of the world of actors are of 2050.
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LATER = datetime(2031, 1, 1, tzinfo=UTC)


@cache
def _made() -> Path:
    folder = Path(mkdtemp(prefix="kept-project-")) / "shop"
    project = make_project(folder, "https://battery.example", names={"en": "Operator", "zh": None})
    store = project.open_store()
    publisher = Publisher.of_project(project, store, None)
    record = example_records("lmt-ebike.xlsx")[0]
    publisher.issue(
        [replace(record, pack={**record.pack, "serialNumber": f"EB000{number}", **_no_identifier(number)})
         for number in (1, 2)],
        at=AT,
    )  # fmt: skip
    (pack,) = store.packs_named("EB0002")
    publisher.suspend(pack.subject, reason="a recall", at=AT + timedelta(hours=1))
    world = SigningWorld(store)
    world.fitted()
    key = PrivateKey.generate(Algorithm.ED25519)
    key.save(folder / "keys" / "log.pem", b"correct horse")
    log = Log(store, EVENTS, log_name(project.base_url, EVENTS))
    log.sign(KeySigner(key))
    (folder / "keys" / "log.vkey").write_text(f"{log.key(KeySigner(key))}\n")
    state = ResolverState(project.state_path)
    state.secret()
    state.log(AccessRecord(AT, "token", "did:key:z", "commission", "audit", pack.subject, ("ratedCapacity",)))
    state.close()
    trusted = json.loads(project.trust_list_path.read_text(encoding="utf-8"))
    trusted["issuers"] += ACTORS.trusted()
    project.trust_list_path.write_text(json.dumps(trusted), encoding="utf-8")
    store.close()
    return folder


def _no_identifier(number: int) -> dict[str, str]:
    return {"batteryPassportIdentifier": f"urn:uuid:00000000-0000-4000-8000-{number:012}"}


def kept_project(folder: Path) -> Project:
    """A copy of the project, for one test."""
    shutil.copytree(_made(), folder / "shop")
    return Project.open(folder / "shop")


def tampered(project: Project, *statements: str) -> None:
    """Change a store as somebody who owns its file can: without its triggers."""
    with sqlite3.connect(project.folder / "passports.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
    connection.close()
