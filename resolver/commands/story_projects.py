"""The project folders of the story's actors, below ``actors/`` of the demo."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.errors import UsageError
from passport.identity.keys import Algorithm, PrivateKey
from passport.linked_data import strict_json
from passport.project import CONFIGURATION, Project
from passport.texts import Message
from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, MODEL_DETAIL, PASSPORT


def actor_project(demo: Project, name: str, names: Mapping[str, str]) -> Project:
    """The project of an actor, with an address of its own; made where it is not there yet."""
    return _opened(demo, name) or make_project(_folder(demo, name), f"https://{name}.example", names={**names})


def operator_project(demo: Project, name: str, names: Mapping[str, str]) -> Project:
    """The project of an operator whose passports are in the demo's store, at the demo's address.

    :raises UsageError: it was made for another address.
    """
    project = guest_project(demo, name, names)
    trust(demo, project.issuer, names, [MODEL, MODEL_DETAIL, BATCH, PASSPORT, CONDITION])
    # The same list at both, so that each shows and checks the passports of the other.
    console.write_output(project.trust_list_path, demo.trust_list_path.read_bytes())
    return project


def guest_project(demo: Project, name: str, names: Mapping[str, str]) -> Project:
    """The project of an actor with a key of its own that publishes in the demo's store, at the demo's address.

    :raises UsageError: it was made for another address.
    """
    project = _opened(demo, name) or make_project(_folder(demo, name), demo.base_url, names={**names})
    check_address(project, demo.base_url)
    if project.store != demo.store_url:
        # New, or the demo folder was moved.
        project = replace(project, store=demo.store_url)
        project.write()
    return project


def check_address(project: Project, base_url: str) -> None:
    """:raises UsageError: a project of the demo publishes at another address, as one of another demo does."""
    if project.base_url != base_url:
        raise UsageError(
            Message("the demo in {folder} was made for {base_url}", folder=project.folder, base_url=project.base_url),
            expected=Message("the same address: it is part of what was signed"),
            found=base_url,
            hint=Message("passport demo --fresh starts over (make demo FRESH=1)."),
        )


def trust(demo: Project, issuer: str, names: Mapping[str, str], trusted_for: Sequence[str]) -> None:
    """Put an issuer on the trust list of the demo where it is not on it yet."""
    path = demo.trust_list_path
    listed = strict_json.loads(path.read_bytes())
    if all(entry["id"] != issuer for entry in listed["issuers"]):
        listed["issuers"].append({"id": issuer, "name": dict(names), "trustedFor": list(trusted_for)})
        console.write_output(path, (json.dumps(listed, ensure_ascii=False, indent=2) + "\n").encode())


def make_key(path: Path) -> None:
    """Make the key of a log or witness where it is not there yet."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, exist_ok=True)
        PrivateKey.generate(Algorithm.ED25519).save(path, None)


def _folder(demo: Project, name: str) -> Path:
    return demo.folder / "actors" / name


def _opened(demo: Project, name: str) -> Project | None:
    folder = _folder(demo, name)
    return Project.open(folder) if (folder / CONFIGURATION).exists() else None
