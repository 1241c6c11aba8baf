"""Keys and status lists: which key signs, which was announced or retired, and until when each signed list counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.wrappers import Response

from issuer.workspace.frame import Colleague, WorkPage, page, step, to, workspace
from issuer.workspace.services import Workspace
from passport.errors import MalformedDocument, PassportError
from passport.publishing.keys import key_rotation
from passport.store.workspace.people import WorkRole
from passport.texts import Message, error_text

#: A list that ends within this time is shown as work to do: it is signed daily where a timer runs.
SOON = timedelta(days=2)


@dataclass(frozen=True)
class SignedListState:
    """:ivar until: when the signed list ends; None where it was never signed."""

    number: int
    purpose: str
    until: datetime | None
    behind: bool

    def ends_soon(self, at: datetime) -> bool:
        return self.until is None or self.until < at + SOON or self.behind


def list_states(here: Workspace) -> list[SignedListState]:
    """The issuer's own lists."""
    behind = set(here.store.lists_behind())
    states = []
    for number, purpose in here.store.list_purposes(issuer=here.project.issuer).items():
        document = here.store.status_list(number)
        until = document.get("validUntil") if document else None
        try:
            ends = datetime.fromisoformat(str(until)) if until else None
        except ValueError as error:
            raise MalformedDocument(Message("a stored list has no proper end")) from error
        states.append(SignedListState(number, purpose, ends, number in behind))
    return states


def ending_lists(here: Workspace, at: datetime) -> list[SignedListState]:
    """Lists that end soon, or lack a change."""
    return [state for state in list_states(here) if state.ends_soon(at)]


@page("/keys")
def keys(who: Colleague) -> WorkPage:
    here, fault = workspace(), None
    states: tuple[key_rotation.KeyState, ...] = ()
    try:
        states = key_rotation.states(here.project)
    except PassportError as error:
        fault = error_text(error)
    values = {
        "keys": states, "lists": list_states(here), "at": here.now(), "fault": fault,
        "current": here.config.issuer.signer, "soon": SOON.days,
    }  # fmt: skip
    return WorkPage("keys.html", "/keys", values)


@step("/keys/lists", WorkRole.SIGN)
def sign_lists(who: Colleague) -> Response:
    """Sign the lists that are not fresh, as the daily timer does."""
    here = workspace()
    at = here.now()
    signed = here.publisher.refresh_status_lists(at=at)
    here.journal.add(at, who.id, "sign-lists", here.project.issuer, str(len(signed)))
    return to("/keys", "lists-signed", n=len(signed))
