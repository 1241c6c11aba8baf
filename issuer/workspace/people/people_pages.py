"""People of the workspace, for those who administer: add, invite, other roles, disable; and the journal."""

from __future__ import annotations

from flask import request
from werkzeug.exceptions import NotFound

from issuer.workspace.frame import Colleague, WorkPage, field_of, page, step, workspace
from passport.errors import PassportError
from passport.store.workspace.people import INVITATION, Person, WorkRole
from passport.texts import Text, error_text


@page("/people", WorkRole.ADMINISTER)
def people(who: Colleague) -> WorkPage:
    return _page()


@step("/people", WorkRole.ADMINISTER)
def change_people(who: Colleague) -> WorkPage:
    """One step with one person. A link of invitation is shown once, on the answer to this step, and kept nowhere."""
    here, at = workspace(), workspace().now()
    deed = field_of("step", 20, required=True)
    roles = frozenset(WorkRole(role) for role in request.form.getlist("roles") if role in tuple(WorkRole))
    try:
        if deed == "add":
            person = here.people.add(field_of("name", 64), field_of("full_name", 64), roles, at=at, by=who.id)
            return _page(invited=person, link=_link(here.people.invite(person, at=at, by=who.id)))
        person = _person(field_of("person", 40, required=True))
        if deed == "invite":
            return _page(invited=person, link=_link(here.people.invite(person, at=at, by=who.id)))
        if deed == "roles":
            here.people.set_roles(person, roles, at=at, by=who.id)
        elif deed == "disable":
            here.people.disable(person, at=at, by=who.id)
        else:
            raise NotFound
    except PassportError as error:
        return _page(fault=error_text(error))
    return _page()


def _page(*, invited: Person | None = None, link: str | None = None, fault: Text | None = None) -> WorkPage:
    here = workspace()
    rows = [(person, here.people.passkeys(person)) for person in here.people.all()]
    values = {
        "rows": rows, "invited": invited, "link": link, "fault": fault, "journal": here.journal.newest(limit=50),
        "hours": INVITATION.total_seconds() / 3600,
    }  # fmt: skip
    return WorkPage("people.html", "/people", values, 400 if fault else 200)


def _link(token: str) -> str:
    return f"{workspace().config.origin}/enrol/{token}"


def _person(id_: str) -> Person:
    person = workspace().people.get(id_)
    if person is None:
        raise NotFound
    return person
