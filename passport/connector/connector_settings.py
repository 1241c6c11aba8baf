"""What a project says of its connector, and where its files are.

    connector/settings.json   {"address": "https://connector.example.com", "country": "CN",
                               "required": ["MembershipCredential"], "release": "connector/release.json",
                               "memberships": {"did:web:…": {"roles": ["recycler"], "country": "DE"}}}

``memberships`` makes the project an issuer of memberships for the companies in it. Whom it trusts for memberships of
others is in ``trusted-issuers.json``, like all trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passport.battery.identifiers.address import check_base_url
from passport.errors import MalformedDocument, UnusableProject
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

FOLDER = "connector"
SETTINGS, OFFERS, KEY = f"{FOLDER}/settings.json", f"{FOLDER}/offers.json", f"{FOLDER}/agreement.pem"
MEMBERSHIP = "MembershipCredential"
_MEMBERS = {"address", "country", "required", "release", "memberships"}


@dataclass(frozen=True)
class ConnectorSettings:
    """What a project says of its connector.

    :ivar address: of its root, without a closing slash; :ivar country: where the company is.
    :ivar required: types of credentials that other companies have to have.
    :ivar release: file of the policy of what leaves the country, from the project's folder.
    :ivar memberships: by DID, what we as an issuer say of other companies.
    """

    address: str
    country: str
    required: tuple[str, ...] = (MEMBERSHIP,)
    release: str | None = None
    memberships: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> ConnectorSettings:
        """:raises UnusableProject: there are none, or they are wrong."""
        return cls.from_json(read_json(folder / SETTINGS), folder)

    @classmethod
    def from_json(cls, value: Any, folder: Path) -> ConnectorSettings:
        """:raises UnusableProject: they are wrong."""
        if not isinstance(value, dict) or not {"address", "country"} <= set(value) <= _MEMBERS:
            raise _wrong(folder, ", ".join(sorted(_MEMBERS)))
        required, members = value.get("required", [MEMBERSHIP]), value.get("memberships", {})
        country, release = value["country"], value.get("release")
        if not isinstance(country, str) or len(country) != 2 or not country.isupper():
            raise _wrong(folder, Message("a country of two letters"))
        if not isinstance(required, list) or not required or not all(isinstance(each, str) for each in required):
            raise _wrong(folder, Message("a list of texts"))
        if not isinstance(release, str | None) or not isinstance(members, dict):
            raise _wrong(folder, Message("a file, and an object"))
        if not all(isinstance(each, dict) for each in members.values()):
            raise _wrong(folder, Message("a file, and an object"))
        return cls(check_base_url(value["address"]), country, tuple(required), release, members)

    def save(self, folder: Path) -> None:
        value: JsonObject = {"address": self.address, "country": self.country, "required": list(self.required)}
        value |= {} if self.release is None else {"release": self.release}
        value |= {"memberships": dict(self.memberships)} if self.memberships else {}
        path = folder / SETTINGS
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(strict_json.dumps(value) + b"\n")


def read_json(path: Path) -> Any:
    """A JSON file of a project.

    :raises UnusableProject: it cannot be read.
    """
    try:
        return strict_json.loads(path.read_bytes())
    except OSError as error:
        raise UnusableProject(
            Message("{path} cannot be read", path=path), found=str(error),
            hint=Message("passport connector init makes a connector for a project."),
        ) from error  # fmt: skip
    except MalformedDocument as error:
        raise UnusableProject(Message("{path} cannot be read", path=path), found=str(error)) from error


def _wrong(folder: Path, expected: str) -> UnusableProject:
    return UnusableProject(Message("{path} is wrong", path=folder / SETTINGS), expected=expected)
