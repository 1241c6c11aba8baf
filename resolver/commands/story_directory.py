"""The directory of the story: sixteen enterprises of every role, listed by a registrar at the demo's address.

The nine actors have the keys that they sign events with; each of the others has a project of its own below ``actors/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from passport.battery.identifiers.party_identifier import PartyScheme
from passport.directory.enterprise import Enterprise
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.registrar import Registrar
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from passport.vocabulary.credential_types import DIRECTORY, IDENTITY
from resolver.commands.story_projects import actor_project, guest_project, trust

_SCHEMES = {
    "creditCode": PartyScheme.CREDIT_CODE,
    "lei": PartyScheme.LEI,
    "eori": PartyScheme.EORI,
    "gln": PartyScheme.GLN,
}


class StoryDirectory:
    """:param told: the story; :param actors: DIDs of its actors, by name."""

    def __init__(self, demo: Project, store: Store, told: JsonObject, actors: Mapping[str, str]) -> None:
        self._demo = demo
        self._store = store
        self._told = told
        self._actors = actors
        self.registrar = guest_project(demo, "registrar", told["registrar"])
        trust(demo, self.registrar.issuer, told["registrar"], [IDENTITY, DIRECTORY])

    def publish(self, since: datetime, until: datetime, at: datetime) -> int:
        """List every enterprise that is not listed yet, and sign list and status lists as of ``at``.

        :param since: from when the identities are valid; :param until: until when.
        :returns: how many are listed.
        """
        issuer = self.registrar.issuer_with_key(None)
        registrar = Registrar(self._store, issuer, self._demo.base_url)
        for each in self._told["enterprises"]:
            registrar.issue(self._enterprise(each), None, valid_from=since, valid_until=until, at=at)
        StatusLists(self._store, issuer, self._demo.base_url).refresh(at)
        registrar.refresh(at)
        return len(registrar.directory().identities)

    def _enterprise(self, told: JsonObject) -> Enterprise:
        actor = self._told["actors"].get(told.get("actor"), {})
        did = self._actors[told["actor"]] if actor else self._did_of(told)
        return Enterprise(
            did=did,
            legal_name=told.get("name") or actor["name"],
            country=told.get("country", "CN"),
            roles=tuple(told.get("roles") or actor["roles"]),
            registered={scheme: told[name] for name, scheme in _SCHEMES.items() if name in told},
            provinces=tuple(told.get("provinces", ())),
            markets=tuple(told.get("markets", ())),
            manufacturer_codes=tuple(told.get("manufacturerCodes") or actor.get("manufacturerCodes", ())),
            gtin_prefixes=tuple(told.get("gtinPrefixes", ())),
            resolvers=(self._demo.base_url,) if told.get("resolves") and self._is_public else (),
        )

    @property
    def _is_public(self) -> bool:
        """Whether others can find passports at the demo's address: not where plain http leads to a machine of a LAN."""
        return self._demo.base_url.startswith(("https://", "http://127.0.0.1", "http://localhost"))

    def _did_of(self, told: JsonObject) -> str:
        return actor_project(self._demo, told["key"], told["name"]).issuer
