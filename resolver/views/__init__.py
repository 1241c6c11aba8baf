"""The routes, and what they share: the services, who reads, answers that caches can keep."""

from __future__ import annotations

from hashlib import sha256

from flask import Response, current_app, g, request

from passport.battery.privacy.rights import Right
from passport.presenting.presenter import PassportView, batch_of
from passport.store.log.access_log import AccessRecord
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader
from resolver.services import Services, services_of

#: How long caches may keep a public answer: as long as a withdrawal may go unnoticed.
MAX_AGE = 60


def services() -> Services:
    return services_of(current_app)


def reader() -> AuthorisedReader | None:
    """Who reads, by the access token; None is the public.

    :raises InvalidToken: there is a token, and it is not valid. Never silently the public.
    """
    header = request.headers.get("Authorization")
    if header is None:
        return None
    who = services().access.read(header, services().now())
    g.reader = who
    return who


def right_of(who: AuthorisedReader | None) -> Right | Audience:
    """What a reader may see is decided by: the audience, and for what it reads."""
    return who.right if who else Audience.PUBLIC


def coarser(pack: str) -> tuple[str, ...]:
    """The addresses of a pack's model and batch; none for an unknown pack."""
    store = services().store
    row = store.pack(pack)
    return () if row is None else tuple(filter(None, (row.model, batch_of(store, pack))))


def log_access(who: AuthorisedReader, subject: str, view: PassportView) -> None:
    """Write down which restricted indicators of which passport this reader is about to get."""
    indicators = services().vocabulary.indicators
    elements = tuple(
        key for key in view.claims if key in indicators and Audience.PUBLIC not in indicators[key].audiences
    )
    services().state.log(
        AccessRecord(services().now(), who.token_id, who.holder, who.audience.value, who.purpose, subject, elements)
    )


def public(
    body: bytes, content_type: str, *, max_age: int = MAX_AGE, vary: str | None = None, digest: bytes | None = None
) -> Response:
    """An answer that everybody may have and caches may keep; 304 where the reader has these very bytes.

    :param digest: what tells these bytes from others of the same type; None takes their own SHA-256.
    An answer to a token passes here too; what it may not carry is taken off in ``app._finish``.
    """
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={max_age}"
    if vary:
        response.headers["Vary"] = vary
    if "Authorization" in request.headers:
        return response
    response.set_etag(etag_of(digest or sha256(body).digest(), content_type))
    response.make_conditional(request)
    return response


def etag_of(digest: bytes, content_type: str) -> str:
    """The entity tag of a public answer, without quotation marks: other bytes or another form, another tag."""
    return sha256(content_type.encode() + b"\0" + digest).hexdigest()[:32]
