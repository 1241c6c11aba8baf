"""What a program or form of a stranger may send: a request for access, and the ticket that asks for its answer.

    POST /ask         {pack, holder?, audience, purpose, person, reason}     201 {ticket}
    POST /ask/answer  {ticket}      200 {state, credential?, credential_offer?}, 202 open, 403 refused or revoked,
                                    404 no such ticket

* JSON or a form. No session and no cookie: whoever has the ticket gets the answer, and a role is worth nothing without
  the key of its holder.
* An asker learns nothing about a pack beyond what is public: a pack that is not here is refused like a malformed one.
* Without a holder, the role is for the wallet that takes the credential offer first (OpenID4VCI, ``issuer.wallets``).
* The credential is for a wallet, such as ``passport present``; a resolver that trusts this issuer for roles takes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask import Blueprint, Response, request

from issuer import answers
from passport.battery.privacy.rights import Right, check_right
from passport.errors import MalformedDocument, PassportError
from passport.linked_data import strict_json
from passport.publishing.role_grants import check_role
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message, error_text
from passport.vocabulary.vocabulary import Audience

blueprint = Blueprint("strangers", __name__)
_MAX_BODY = 20_000
_FIELDS = {"pack": 500, "holder": 2000, "audience": 40, "purpose": 40, "person": 200, "reason": 1000}
#: What a stranger may ask for; authorities get their roles otherwise.
_AUDIENCES = (Audience.LEGITIMATE_INTEREST, Audience.NOTIFIED_BODY)


@blueprint.post("/ask")
def ask() -> Response:
    """Take a request. It is decided by a person, not here."""
    from issuer.workspace.frame import workspace

    here = workspace()
    try:
        fields = _fields(_FIELDS, optional=("holder",))
        if here.store.pack(fields["pack"]) is None:
            raise MalformedDocument(Message("no passport at this address"), expected=Message("the address of a pack"))
        if fields["audience"] not in _AUDIENCES:
            raise MalformedDocument(Message("audience of the request"), expected=", ".join(_AUDIENCES))
        audience = Audience(fields["audience"])
        check_right(Right(audience, fields["purpose"]), names_packs=True)
        if fields["holder"]:
            check_role(fields["holder"], audience, fields["purpose"], (fields["pack"],))
        ticket = here.access.add(
            fields["pack"], fields["holder"], audience.value, fields["purpose"], fields["person"], fields["reason"],
            at=here.now(),
        )  # fmt: skip
    except PassportError as error:
        return answers.problem(400, error.code, error_text(error))
    origin = here.config.origin
    return answers.answer({"ticket": ticket, "answer": f"{origin}/ask/answer", "page": f"{origin}/asked"}, 201)


@blueprint.post("/ask/answer")
def ask_answer() -> Response:
    """What became of a request."""
    from issuer.workspace.frame import workspace

    try:
        ticket = _fields({"ticket": 100})["ticket"]
    except PassportError as error:
        return answers.problem(400, error.code, error_text(error))
    found = workspace().access.of_ticket(ticket)
    if found is None:
        return answers.problem(404, "no-such-ticket", Message("there is no such request"))
    return _told(found)


def _told(request_: AccessRequest) -> Response:
    if request_.state == "open":
        return answers.answer({"state": "open"}, 202)
    if request_.state == "granted":
        from issuer.workspace.people.access_pages import offer_of

        credential = {} if request_.credential is None else {"credential": strict_json.loads(request_.credential)}
        link = offer_of(request_)
        offer = {} if link is None else {"credential_offer": link}
        return answers.answer({"state": "granted", **credential, **offer}, 200)
    return answers.problem(
        403, request_.state, Message("the request was not granted"), {"reason": request_.answer or ""}
    )


def _fields(known: Mapping[str, int], optional: Collection[str] = ()) -> dict[str, str]:
    """The fields of a form or of a JSON object, all of which are texts.

    :param optional: those that may be missing or empty.
    :raises MalformedDocument: one is missing, too long or no text, or there is another one.
    """
    sent: Mapping[str, Any]
    if request.mimetype == "application/json":
        document = strict_json.loads(request.get_data(), max_bytes=_MAX_BODY)
        sent = document if isinstance(document, dict) else {}
    else:
        sent = request.form.to_dict()
    fields = {}
    for name, most in known.items():
        value = sent.get(name, "" if name in optional else None)
        text = " ".join(value.split()) if isinstance(value, str) and len(value) <= most else ""
        if not isinstance(value, str) or "\0" in text or (not text and (name not in optional or value.strip())):
            raise MalformedDocument(
                Message("{name} of the request", name=name),
                expected=Message("one text of at most {count} characters", count=most),
            )
        fields[name] = text
    if unknown := sorted(set(sent) - set(known)):
        raise MalformedDocument(Message("{name} of the request", name=unknown[0][:40]), expected=", ".join(known))
    return fields
