"""For those who run the resolver and those who program against it: health, and what can be asked."""

from __future__ import annotations

from flask import Blueprint, Response

from passport.linked_data import strict_json
from resolver import health, openapi
from resolver.views import public, services

blueprint = Blueprint("operation", __name__)


@blueprint.get("/health")
def show_health() -> Response:
    """200 while the store answers and every status list is signed and fresh, else 503."""
    here = services()
    lists, number = [], 1
    while (document := here.store.status_list(number)) is not None:
        lists.append(document)
        number += 1
    checks = health.status_lists(
        lists, here.config.trust_list, at=here.now(), max_age=here.config.status_max_age
    )
    good = all(check.passed for check in checks)
    said = {
        "status": "pass" if good else "fail",
        "checks": {check.name: {"status": "pass" if check.passed else "fail", "output": check.detail}
                   for check in checks},
    }  # fmt: skip
    response = Response(strict_json.dumps(said), 200 if good else 503, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/openapi.json")
def description() -> Response:
    """The OpenAPI 3.1 document."""
    return public(
        strict_json.dumps(openapi.document(services().config.base_url)), "application/openapi+json", max_age=3600
    )
