"""Coming to the desk with a role that was just shown, and leaving it."""

from __future__ import annotations

from flask import Response, render_template

from resolver.access.authorised_reader import Grant
from resolver.desk.alerts import alerts_page
from resolver.desk.frame import DeskPage, Visitor, end, own_route, respond, visitor_of
from resolver.desk.own import own_page
from resolver.page.wording import Words
from resolver.views import services


def signed_in(grant: Grant) -> Response:
    """The first page for a role: the worklist for an authority, its own duties for everybody else."""
    visitor = visitor_of(grant.reader, grant.access_token)
    return respond(visitor, alerts_page(visitor) if visitor.is_authority else own_page(visitor))


@own_route("/desk/leave")
def desk_leave(visitor: Visitor) -> DeskPage | Response:
    """End the token; what follows is public."""
    if visitor.token is not None:
        services().access.revoke(visitor.token, visitor.at)
    end()
    html = render_template("desk/left.html", words=Words(visitor.language), language=visitor.language)
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Content-Language"] = visitor.language
    return response
