"""What a stranger may send: a request for access, and the ticket that fetches its answer; for programs and for people.

    GET  /ask?pack=…   the form
    POST /ask          {pack, holder?, audience?, purpose, person, reason}    201 {ticket}
    GET  /ask/answer   a field for the ticket
    POST /ask/answer   {ticket}     200 {state, credential?, credential_offer?}, 202 {state, accreditation_request},
                                    403 refused or revoked, 404 no such ticket

* Without an audience, the purpose names it: ``conformity-assessment`` is a notified body's, any other is of a
  legitimate interest.
* JSON or a form. A browser gets pages, with a fault at its field; any other client gets JSON.
* No session and no cookie, so the form of a passport page on another site may post here without using the
  rights of a person who is signed in. The bearer of the ticket gets the answer, and a role is
  worth nothing without the key of its holder. A ticket is never in an address.
* An asker learns nothing about a pack beyond what is public: a pack that is not here is refused like a malformed one.
* An asker may show an accreditation from a wallet (``issuer.wallets.shown_accreditations``), which opens nothing.
* Without a holder, the role is for the wallet that takes the credential offer first (OpenID4VCI, ``issuer.wallets``).
* The credential is for a wallet, such as ``passport present``; a resolver that trusts this issuer for roles takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from issuer import answers
from passport.battery.privacy.rights import CONFORMITY_ASSESSMENT, PURPOSES, Right, asking_audience, check_right
from passport.errors import MalformedDocument, PassportError
from passport.linked_data import strict_json
from passport.presenting.wallet_requests import ENCRYPTED
from passport.publishing.role_grants import check_role
from passport.store.workspace.requests import AccessRequest
from passport.texts import Message, error_text
from passport.vocabulary.credential_types import ROLE
from passport.vocabulary.vocabulary import Audience

blueprint = Blueprint("strangers", __name__)
_MAX_BODY = 20_000
_FIELDS = {"pack": 500, "holder": 2000, "audience": 40, "purpose": 40, "person": 200, "reason": 1000}
_TICKET = {"ticket": 100}
#: Fields of a request that may be missing or empty.
_OPTIONAL = ("holder", "audience")
#: What a stranger may ask for; authorities get their roles otherwise.
_AUDIENCES = (Audience.LEGITIMATE_INTEREST, Audience.NOTIFIED_BODY)


@blueprint.get("/ask")
def ask_form() -> Response:
    """The form for one pack. Without a pack, the page says where to begin."""
    return _form({"pack": request.args.get("pack", "")[: _FIELDS["pack"]]}, {})


@blueprint.post("/ask")
def ask() -> Response:
    """Take a request. It is decided by a person, not here."""
    from issuer.workspace.frame import workspace

    here = workspace()
    try:
        sent = _sent()
        if unknown := sorted(set(sent) - set(_FIELDS)):
            raise MalformedDocument(Message("{name} of the request", name=unknown[0][:40]), expected=", ".join(_FIELDS))
        faults = _faults(sent)
        if not faults:
            fields = _fields(sent)
            ticket = here.access.add(
                fields["pack"], fields["holder"], fields["audience"], fields["purpose"], fields["person"],
                fields["reason"], at=here.now(),
            )  # fmt: skip
    except PassportError as error:
        faults, sent = {"": error}, {}
    if faults and _reads_pages():
        return _form({name: str(value) for name, value in sent.items()}, faults)
    if faults:
        first = next(iter(faults.values()))
        return answers.problem(400, first.code, error_text(first))
    if _reads_pages():
        return _page("asked.html", {"ticket": ticket, "pack": fields["pack"]}, 201)
    return answers.answer({"ticket": ticket, "answer": f"{here.config.origin}/ask/answer"}, 201)


@blueprint.get("/ask/answer")
def ask_answer_form() -> Response:
    """The field for a ticket."""
    return _page("ask-answer.html", {"ticket": "", "found": None, "unknown": False})


@blueprint.post("/ask/answer")
def ask_answer() -> Response:
    """What became of a request; with ``save``, the role credential as a file."""
    from issuer.wallets.shown_accreditations import new_wallet_request
    from issuer.workspace.frame import download, workspace
    from issuer.workspace.people.access_pages import is_withdrawn, link_picture, offer_of, shown_by

    try:
        sent = _sent()
        if unknown := sorted(set(sent) - {*_TICKET, "save"}):
            raise MalformedDocument(Message("{name} of the request", name=unknown[0][:40]), expected="ticket")
        ticket = _text(sent, "ticket", _TICKET["ticket"])
    except PassportError as error:
        if _reads_pages():
            return _page("ask-answer.html", {"ticket": "", "found": None, "unknown": True}, 400)
        return answers.problem(400, error.code, error_text(error))
    found = workspace().access.of_ticket(ticket)
    if found is not None and is_withdrawn(found):
        found = replace(found, state="revoked", credential=None)
    if found is not None and "save" in sent and found.state == "granted" and found.credential is not None:
        return download(found.credential, "role.jsonld", "application/ld+json")
    if _reads_pages():
        is_open = found is not None and found.state == "open"
        offer = None if found is None else offer_of(found)
        link = new_wallet_request(found).link if found is not None and is_open else offer and offer.link
        base, of_pack = workspace().project.base_url, urlencode({"passport": found.pack}) if found is not None else ""
        language = _language()
        values = {
            "ticket": ticket, "found": found, "unknown": found is None, "link": link,
            "open_at": f"{base}/present?{of_pack}", "open_with_wallet": f"{base}/wallet?{of_pack}",
            "picture": link and link_picture(link), "needs_code": offer is not None and offer.needs_transaction_code,
            "shown": found and shown_by(found, language), "encrypted": request.args.get("answer") == ENCRYPTED,
        }  # fmt: skip
        return _page("ask-answer.html", values, 404 if found is None else 200)
    if found is None:
        return answers.problem(404, "no-such-ticket", Message("there is no such request"))
    return _told(found)


def _told(request_: AccessRequest) -> Response:
    if request_.state == "open":
        from issuer.wallets.shown_accreditations import new_wallet_request

        return answers.answer({"state": "open", "accreditation_request": new_wallet_request(request_).link}, 202)
    if request_.state == "granted":
        from issuer.workspace.people.access_pages import offer_of

        credential = {} if request_.credential is None else {"credential": strict_json.loads(request_.credential)}
        made = offer_of(request_)
        offer = {} if made is None else {"credential_offer": made.link}
        return answers.answer({"state": "granted", **credential, **offer}, 200)
    return answers.problem(
        403, request_.state, Message("the request was not granted"), {"reason": request_.answer or ""}
    )


# --- what was sent ----------------------------------------------------------------------------------------------------


def _faults(sent: Mapping[str, Any]) -> dict[str, PassportError]:
    """What is wrong, by field; empty where the request may be kept."""
    from issuer.workspace.frame import workspace

    faults: dict[str, PassportError] = {}
    fields: dict[str, str] = {}
    for name, most in _FIELDS.items():
        try:
            fields[name] = _text(sent, name, most)
        except MalformedDocument as error:
            faults[name] = error
    if "pack" in fields and workspace().store.pack(fields["pack"]) is None:
        faults["pack"] = MalformedDocument(
            Message("no passport at this address"), expected=Message("the address of a pack")
        )
    if "purpose" in fields and not fields.get("audience", ""):
        fields["audience"] = asking_audience(fields["purpose"]).value
    if "audience" in fields and fields["audience"] not in _AUDIENCES:
        faults["audience"] = MalformedDocument(Message("audience of the request"), expected=", ".join(_AUDIENCES))
    if {"audience", "purpose"} <= fields.keys() - faults.keys():
        try:
            check_right(Right(Audience(fields["audience"]), fields["purpose"]), names_packs=True)
        except PassportError as error:
            faults["purpose"] = error
    if fields.get("holder") and not faults.keys() & {"audience", "purpose", "pack"} and "purpose" in fields:
        try:
            check_role(fields["holder"], Audience(fields["audience"]), fields["purpose"], (fields["pack"],))
        except PassportError as error:
            faults["holder"] = error
    return faults


def _fields(sent: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a request without faults."""
    fields = {name: _text(sent, name, most) for name, most in _FIELDS.items()}
    return {**fields, "audience": fields["audience"] or asking_audience(fields["purpose"]).value}


def _sent() -> Mapping[str, Any]:
    """The fields of a form or of a JSON object.

    :raises MalformedDocument: the body is no JSON object.
    """
    if request.mimetype != "application/json":
        return request.form.to_dict()
    document = strict_json.loads(request.get_data(), max_bytes=_MAX_BODY)
    return document if isinstance(document, dict) else {}


def _text(sent: Mapping[str, Any], name: str, most: int) -> str:
    """:raises MalformedDocument: the field is missing, too long or no text. One of :data:`_OPTIONAL` may be empty."""
    optional = name in _OPTIONAL
    value = sent.get(name, "" if optional else None)
    text = " ".join(value.split()) if isinstance(value, str) and len(value) <= most else ""
    if not isinstance(value, str) or "\0" in text or (not text and (not optional or value.strip())):
        raise MalformedDocument(
            Message("{name} of the request", name=name),
            expected=Message("one text of at most {count} characters", count=most),
        )
    return text


# --- pages ------------------------------------------------------------------------------------------------------------


def _reads_pages() -> bool:
    return request.mimetype != "application/json" and "text/html" in request.headers.get("Accept", "")


def _form(typed: Mapping[str, str], faults: Mapping[str, PassportError]) -> Response:
    from issuer.workspace.frame import workspace

    here, pack = workspace(), typed.get("pack", "")
    known = here.store.pack(pack) if pack else None
    # What is wrong with the pack or the audience is not the asker's doing: it came with the link.
    at_fields = {name: fault for name, fault in faults.items() if name in ("holder", "purpose", "person", "reason")}
    other = next((fault for name, fault in faults.items() if name not in at_fields), None)
    values = {
        "typed": typed, "faults": at_fields, "other": None if other is None else error_text(other), "known": known,
        "purposes": (*PURPOSES, *([CONFORMITY_ASSESSMENT] if _admits_notified_bodies() else [])),
    }  # fmt: skip
    status = 400 if faults else 404 if pack and known is None else 200
    return _page("ask.html", values, status)


def _admits_notified_bodies() -> bool:
    """Whether the trust list lets roles of this issuer name notified bodies."""
    from issuer.workspace.frame import workspace

    project = workspace().project
    known = project.trust_list().issuer(project.issuer) if project.trust_list_path.exists() else None
    return known is not None and ROLE in known.trusted_for and Audience.NOTIFIED_BODY in (known.audiences or ())


def _page(template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A page for a person without a session: the language is that of the address or of the browser."""
    from issuer.workspace.frame import Colleague, WorkPage, respond

    return respond(Colleague(None, _language()), WorkPage(template, values=values, status=status))


def _language() -> str:
    from issuer.workspace.frame import workspace

    languages = workspace().config.languages
    chosen = request.args.get("lang")
    return chosen if chosen in languages else request.accept_languages.best_match(languages) or languages[0]
