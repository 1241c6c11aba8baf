"""A person of the workspace in a browser, with a passkey of Chromium's virtual authenticator."""

from __future__ import annotations

from datetime import UTC, datetime

from passport.store.workspace.people import WorkRole

PASSKEYS = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def enrolled(context, workspace, name: str, *roles: str):
    """The first page of the workspace, for a new person who enrolled a passkey.

    :param context: a browser context of its own; :param workspace: an :class:`issuer.workspace.services.Workspace`.
    """
    at = datetime.now(UTC)
    person = workspace.people.add(name, name.title(), frozenset(map(WorkRole, roles)), at=at, by="command")
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PASSKEYS})
    page.goto(f"{workspace.config.origin}/enrol/{workspace.people.invite(person, at=at, by='command')}")
    page.locator("#passkey button").click()
    page.wait_for_url(f"{workspace.config.origin}/")
    return page
